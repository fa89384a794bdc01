using HybridConv.Planning;

namespace HybridConv.Cl;

/// <summary>
/// An OpenCL row bound to one spec: launches, in order. Pure data; the target turns it into kernel objects whose arguments are set once. Rows are also bound without packed
/// weights, to see what they would launch for finite ones before anything is packed.
/// </summary>
/// <param name="Launches">Each sees what the ones before it wrote.</param>
/// <param name="ScratchBytes">Device memory that the launches work in; its contents are undefined when the first one starts.</param>
internal sealed record ClKernel(IReadOnlyList<ClLaunch> Launches, long ScratchBytes = 0) : IKernel;

/// <summary>One launch of one kernel function.</summary>
/// <param name="Program">The source and its definitions.</param>
/// <param name="Function">The kernel function's name.</param>
/// <param name="Arguments">In the function's order.</param>
/// <param name="Global">Work-items; a multiple of <paramref name="Local"/> along every axis. A launch with no work-item is left out.</param>
/// <param name="Local">Work-items of a work-group.</param>
internal sealed record ClLaunch(ClProgram Program, string Function, IReadOnlyList<ClArgument> Arguments, ClRange Global, ClRange Local);

/// <summary>A source file with definitions: what is compiled once per device.</summary>
/// <param name="File">Under <c>opencl/</c>, for example <c>conv/pointwise.cpu.cl</c>.</param>
/// <param name="Defines">For example <c>-D LANES=16</c>; fixed texts and numbers only, never anything from a model file. Keep the number of different ones small.</param>
internal sealed record ClProgram(string File, string Defines = "");

/// <summary>Numbers of work-items along up to three axes.</summary>
internal readonly record struct ClRange(long X, long Y = 1, long Z = 1)
{
    public long Items => X * Y * Z;

    /// <summary>The smallest range of whole work-groups that covers this one.</summary>
    public ClRange RoundUp(ClRange local) => new(Up(X, local.X), Up(Y, local.Y), Up(Z, local.Z));

    private static long Up(long items, long group) => (items + group - 1) / group * group;
}

/// <summary>What an argument stands for.</summary>
internal enum ClArgumentKind
{
    /// <summary>An input of the node.</summary>
    Input,
    /// <summary>An output of the node.</summary>
    Output,
    /// <summary>The row's packed weights.</summary>
    Packed,
    /// <summary>The kernel's working memory.</summary>
    Scratch,
    /// <summary>An <c>int</c>.</summary>
    Int,
    /// <summary>A <c>long</c>.</summary>
    Long,
    /// <summary>A <c>float</c>.</summary>
    Float,
    /// <summary>Local memory of a work-group.</summary>
    Local,
}

/// <summary>
/// One argument of a launch. Memory (the first four kinds) is always two arguments of the kernel function: a <c>__global</c> pointer, and a <c>long</c> that counts
/// elements from it to the operand's first one (macros IN and OUT of <c>common.clh</c>). An absent operand is a null pointer and 0.
/// </summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Index">For inputs and outputs.</param>
/// <param name="Bits">The number's bits; a byte offset for packed weights and working memory; the size of local memory in bytes.</param>
internal readonly record struct ClArgument(ClArgumentKind Kind, int Index, long Bits)
{
    /// <summary>An operand that the kernel does without.</summary>
    public static readonly ClArgument Absent = Input(int.MaxValue);

    public static ClArgument Input(int index) => new(ClArgumentKind.Input, index, 0);

    public static ClArgument Output(int index = 0) => new(ClArgumentKind.Output, index, 0);

    /// <param name="bytes">A multiple of four: the function gets it as floats.</param>
    public static ClArgument Packed(long bytes = 0) => new(ClArgumentKind.Packed, 0, bytes);

    /// <param name="bytes">A multiple of four: the function gets it as floats.</param>
    public static ClArgument Scratch(long bytes = 0) => new(ClArgumentKind.Scratch, 0, bytes);

    public static ClArgument Of(int value) => new(ClArgumentKind.Int, 0, value);

    /// <summary>A <c>long</c>, whatever the value.</summary>
    public static ClArgument Wide(long value) => new(ClArgumentKind.Long, 0, value);

    public static ClArgument Of(float value) => new(ClArgumentKind.Float, 0, BitConverter.SingleToInt32Bits(value));

    public static ClArgument Local(long bytes) => new(ClArgumentKind.Local, 0, bytes);

    public static implicit operator ClArgument(int value) => Of(value);

    public static implicit operator ClArgument(float value) => Of(value);
}
