using System.Numerics;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>A function of two numbers.</summary>
internal interface IBinaryFunction
{
    /// <summary>The function in float. Its instantiation over one float is the reference of all the others.</summary>
    V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct;

    /// <summary>The function in double, for the oracle.</summary>
    double Apply(double a, double b);
}

/// <summary>A function that is an operator of ONNX: all that <see cref="BinaryOp{F}"/> or <see cref="VariadicOp{F}"/> needs.</summary>
internal interface IBinaryOperator : IBinaryFunction
{
    static abstract string Name { get; }

    static abstract IReadOnlyList<int> Opsets { get; }

    /// <summary>About how many vector instructions the function takes.</summary>
    static virtual int Weight => 1;

    /// <summary>How precisely the function is computed in float, in units of its result.</summary>
    static virtual Accuracy Accuracy => Accuracy.Simple;
}

/// <summary>An operator that also takes integers. Results wrap around.</summary>
internal interface IIntegerBinaryOperator : IBinaryOperator
{
    T ApplyInteger<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T>;
}
