using System.Numerics;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>A function of one number. Its parameters are its fields.</summary>
internal interface IUnaryFunction
{
    /// <summary>Whether the function is a long chain of operations, so that two vectors at a time take less time than one after the other.</summary>
    static virtual bool InPairs => false;

    /// <summary>The function in float. Its instantiation over one float is the reference of all the others.</summary>
    V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct;

    /// <summary>The function in double, for the oracle.</summary>
    double Apply(double x);
}

/// <summary>A function that is an operator of ONNX: all that <see cref="UnaryOp{F}"/> needs.</summary>
internal interface IUnaryOperator<TSelf> : IUnaryFunction where TSelf : struct, IUnaryOperator<TSelf>
{
    static abstract string Name { get; }

    static abstract IReadOnlyList<int> Opsets { get; }

    /// <summary>About how many vector instructions the function takes.</summary>
    static virtual int Weight => 1;

    /// <summary>How precisely the function is computed in float.</summary>
    static virtual Accuracy Accuracy => Accuracy.Polynomial;

    /// <summary>Reads the function's parameters.</summary>
    static abstract TSelf Read(NodeReader node);

    /// <summary>The same function as an activation that can be fused; none when there is no such activation.</summary>
    Activation Activation => default;
}

/// <summary>An operator that also takes integers.</summary>
internal interface IIntegerUnaryOperator<TSelf> : IUnaryOperator<TSelf> where TSelf : struct, IIntegerUnaryOperator<TSelf>
{
    T ApplyInteger<T>(T x) where T : IBinaryInteger<T>;
}
