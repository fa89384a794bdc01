using System.Runtime.Intrinsics;
using HybridConv.Planning;

namespace HybridConv.Cpu.Simd;

/// <summary>Code that is generic over the vector width and gives a <typeparamref name="TResult"/>.</summary>
internal interface IVectorCode<TResult>
{
    TResult With<S, V>() where S : struct, ISimd<V> where V : struct;
}

/// <summary>Binds a spec to the kernel of one vector width.</summary>
internal interface IKernelFactory<TSpec>
{
    IKernel Bind<S, V>(TSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct;
}

/// <summary>The one place where a vector width becomes a type.</summary>
internal static class IsaDispatch
{
    /// <summary>All vector widths, widest first.</summary>
    public static IReadOnlyList<Isa> All { get; } = [Isa.V512, Isa.V256, Isa.V128, Isa.Scalar];

    public static TResult Run<TCode, TResult>(Isa isa, TCode code) where TCode : IVectorCode<TResult> => isa switch
    {
        Isa.V512 => code.With<V512, Vector512<float>>(),
        Isa.V256 => code.With<V256, Vector256<float>>(),
        Isa.V128 => code.With<V128, Vector128<float>>(),
        _ => code.With<Scalar, float>(),
    };

    /// <summary>One row per vector width. A row of another width than the machine's declines.</summary>
    /// <param name="name">The row's name without a vector width, from the width: <c>isa => $"relu.simple.f32.{isa.Label()}"</c>.</param>
    /// <param name="fits">Asked only with the machine's own width.</param>
    /// <param name="pack">The format of the packed operands; null when the kernel reads all operands as they are.</param>
    /// <param name="factory">Makes the kernel.</param>
    /// <param name="narrowest">The narrowest width that the kernel makes sense for.</param>
    public static IEnumerable<Candidate<TSpec, CpuInfo>> Rows<TSpec>(
        Func<Isa, string> name, Func<TSpec, CpuInfo, Fit> fits, Func<TSpec, Isa, PackFormat?>? pack, IKernelFactory<TSpec> factory, Isa narrowest = Isa.Scalar)
    {
        foreach (Isa isa in All.Where(isa => isa >= narrowest))
            yield return new Candidate<TSpec, CpuInfo>(
                name(isa),
                (spec, machine) => machine.Isa == isa ? fits(spec, machine) : Fit.No($"the machine runs {machine.Isa.Label()} kernels"),
                spec => pack?.Invoke(spec, isa),
                (spec, machine, packed) => Run<Binding<TSpec>, IKernel>(isa, new Binding<TSpec>(factory, spec, machine, packed)));
    }

    /// <summary>The part of a kernel's name that says which vector it uses: <c>v512</c>, <c>v256</c>, <c>v128</c>, <c>scalar</c>.</summary>
    public static string Label(this Isa isa) => isa.ToString().ToLowerInvariant();

    private readonly struct Binding<TSpec>(IKernelFactory<TSpec> factory, TSpec spec, CpuInfo machine, PackedWeights? packed) : IVectorCode<IKernel>
    {
        public IKernel With<S, V>() where S : struct, ISimd<V> where V : struct => factory.Bind<S, V>(spec, machine, packed);
    }
}
