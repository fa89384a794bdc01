using HybridConv.Cl;
using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>A function of <c>elementwise.cl</c>.</summary>
/// <param name="Name">There it is called <c>op_...</c>.</param>
/// <param name="A">Its first parameter.</param>
/// <param name="B">Its second parameter.</param>
/// <param name="Defines">What its program is defined by besides: element types, an activation.</param>
internal readonly record struct ClFunction(string Name, float A = 0, float B = 0, string Defines = "");

/// <summary>An operand of a launch: its memory, and its strides along the axes of the launch's shape.</summary>
internal readonly record struct ClOperand(ClArgument Memory, long[] Strides);

/// <summary>Launches of <c>elementwise.cl</c>.</summary>
internal static class ElementwiseLaunch
{
    private const string File = "elementwise/elementwise.cl";

    /// <summary>Elements of the innermost loop that a processor computes at a time: few enough that every operand's segment stays in the first-level cache.</summary>
    private const int Segment = 2048;

    /// <summary>What a row says of a spec that it can run.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="elements">Of the output.</param>
    /// <param name="operands">Inputs that are read.</param>
    /// <param name="weight">About how many vector instructions the function takes.</param>
    /// <param name="launches">How many.</param>
    public static double Predict(ClDevice device, double elements, int operands, int weight, int launches = 1) =>
        device.Predict(elements * weight, elements * (operands + 1) * sizeof(float), efficiency: 0.25, launches);

    /// <summary>One launch; several for a nest of more loops than the kernel has, and none for an empty one.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="function">Of as many operands as there are, without the output.</param>
    /// <param name="shape">The loops, outermost first.</param>
    /// <param name="y">The output.</param>
    /// <param name="operands">One, two or three.</param>
    public static IEnumerable<ClLaunch> Of(ClDevice device, ClFunction function, Shape shape, ClOperand y, params IReadOnlyList<ClOperand> operands)
    {
        var program = new ClProgram(File, $"-D LANES={device.PortableLanes} -D OPERATOR=op_{function.Name} -D OPERANDS={operands.Count}{(function.Defines.Length > 0 ? " " : "")}{function.Defines}");
        var nest = new ClNest(shape);
        int segment = device.Profile == ClProfile.Cpu ? Segment : device.PortableLanes, segments = (nest.Inner + segment - 1) / segment;
        foreach (long launch in nest.Launches)
        {
            int units = checked((int)(nest.Elements / nest.Inner * segments));
            ClShare share = ClShare.Of(device, units, nest.Elements * (1.0 + operands.Count));
            yield return new ClLaunch(
                program, "elementwise",
                [
                    .. nest.Operand(y.Memory, 0, y.Strides, launch), .. operands.SelectMany(operand => nest.Operand(operand.Memory, 0, operand.Strides, launch)),
                    .. nest.Sizes, segment, segments, units, share.Units, function.A, function.B,
                ],
                share.Global, share.Local);
        }
    }
}
