using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// 3x3 filters of stride 1 in Winograd's form: the image's tiles are transformed, multiplied by transformed weights, position by position, and transformed
/// back.
/// </summary>
internal sealed partial class ConvOp
{
    private const long MostWinogradBytes = 1L << 30;

    private const int WinogradItems = 128;

    /// <param name="outputs">Outputs of a tile along either axis: 2 or 4.</param>
    private static Candidate<ConvSpec, ClDevice> WinogradRow(int outputs) => new(
        $"conv.winograd.f{outputs}x3.f32.local",
        (spec, device) => FitsWinograd(spec, device, outputs),
        spec => WinogradWeights(spec, outputs),
        (spec, device, packed) => BindWinograd(spec, device, packed, outputs));

    private static WinogradFormat WinogradWeights(ConvSpec spec, int outputs) => new(outputs, spec.Filters, spec.GroupChannels, spec.HasBias);

    private static Fit FitsWinograd(ConvSpec spec, ClDevice device, int outputs)
    {
        if ((WhyNotProfile(device, ClProfile.Local) ?? WhyNotPlain(spec) ?? WhyNotOtherSums(device) ?? Tile.All[^1].WhyNot(device) ?? WhyNotWinograd(spec)) is { } why)
            return Fit.No(why);
        var tiles = new WinogradTiles(spec, outputs);
        if (tiles.ScratchBytes > MostWinogradBytes)
            return Fit.No($"transformed images take {tiles.ScratchBytes} bytes; at most {MostWinogradBytes} are spent");
        TileProblem products = tiles.Products(WinogradWeights(spec, outputs));
        double bytes = 2.0 * tiles.ScratchBytes + TrafficBytes(spec);
        return Fit.Yes(2 * device.LaunchNanoseconds + bytes / device.Bandwidth + products.Predict(products.Best(device), device, 0));
    }

    private static ClKernel BindWinograd(ConvSpec spec, ClDevice device, PackedWeights? packed, int outputs)
    {
        WinogradFormat format = WinogradWeights(spec, outputs);
        if (packed is not null && !WinogradFormat.IsTransformed(packed))
            return BindTiles(spec, device, packed, LocalWeights(spec), (problem, _) => ([problem.MultiplyInRegisters(skipsPadding: false)], 0));
        var tiles = new WinogradTiles(spec, outputs);
        TileProblem products = tiles.Products(format);
        (Window height, Window width) = (spec.Windows[1], spec.Windows[2]);
        var local = new ClRange(WinogradItems);
        string activation = ClActivation.Define(spec.Activation);
        var program = new ClProgram("conv/winograd.local.cl", $"-D TILE={outputs}{(activation.Length > 0 ? " " : "")}{activation}");
        ClLaunch transform = new(
            program, "transform_image",
            [
                ClArgument.Input(Image), ClArgument.Scratch(), .. ImageArguments.Strides(spec.Input),
                height.Input, width.Input, height.PadBegin, width.PadBegin,
                tiles.Height, tiles.Width, tiles.Count, spec.Channels,
            ],
            new ClRange((long)tiles.Count * spec.Channels).RoundUp(local), local);
        ClLaunch back = new(
            program, "transform_back",
            [
                ClArgument.Scratch(tiles.ImageBytes), ClArgument.Packed(WinogradFormat.BiasStart), ClArgument.Input(Residual), ClArgument.Output(),
                .. ImageArguments.Strides(spec.Residual), .. ImageArguments.Strides(spec.Output), height.Output, width.Output,
                tiles.Height, tiles.Width, tiles.Count, spec.Filters, .. ClActivation.Arguments(spec.Activation),
            ],
            new ClRange((long)tiles.Count * spec.Filters).RoundUp(local), local);
        return new ClKernel([transform, products.Multiply(products.Best(device)), back], tiles.ScratchBytes);
    }

    /// <summary>The tiles of all images.</summary>
    private sealed class WinogradTiles(ConvSpec spec, int outputs)
    {
        /// <summary>Matrices of the transformed image: one for each position of a tile's pixels.</summary>
        private int Positions => (outputs + 2) * (outputs + 2);

        public int Height { get; } = (spec.Windows[1].Output + outputs - 1) / outputs;

        public int Width { get; } = (spec.Windows[2].Output + outputs - 1) / outputs;

        public int Count => checked(spec.Batch * Height * Width);

        /// <summary>Positions by tiles by channels, in whole cache lines.</summary>
        public long ImageBytes => AlignUp((long)Positions * Count * spec.Channels * sizeof(float));

        /// <summary>The transformed image, then positions by tiles by filters.</summary>
        public long ScratchBytes => ImageBytes + (long)Positions * Count * spec.Filters * sizeof(float);

        /// <summary>The products: a group for each position.</summary>
        public TileProblem Products(WinogradFormat format) => new(
            new PanelOperand(ClArgument.Scratch(), Matrix(spec.Channels), (long)Count * spec.Channels), PanelOperand.Absent,
            new PanelOperand(ClArgument.Scratch(ImageBytes), Matrix(spec.Filters), (long)Count * spec.Filters),
            [ImageView.Point, ImageView.Point, ImageView.Point with { Input = Count, Output = Count }], Positions, spec.Channels,
            ClArgument.Packed(format.PanelsStart), format.Layout, default);

        private TensorView Matrix(int channels) => new(new Shape(1, channels, 1, 1, Count), 0, [0, 1, 0, 0, channels]);
    }
}
