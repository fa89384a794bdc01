using HybridConv.Graphs;

namespace HybridConv;

/// <summary>
/// A value in a network that a <see cref="ModelBuilder"/> is writing: an input, or what a layer gives. Its methods add the layers that read it.
/// A layer's name is chosen from its kind when none is given; its weights are called <c>name.weight</c> and <c>name.bias</c>.
/// </summary>
public readonly partial struct NetValue
{
    private readonly ModelBuilder? builder;
    private readonly Value? value;

    internal NetValue(ModelBuilder builder, Value value)
    {
        this.builder = builder;
        this.value = value;
    }

    internal ModelBuilder Builder => builder ?? throw new InvalidOperationException("This value belongs to no network; values come from ModelBuilder.Input and from layers.");

    internal Value Value => value ?? throw new InvalidOperationException("This value belongs to no network; values come from ModelBuilder.Input and from layers.");

    /// <summary>The name in the network.</summary>
    public string Name => Value.Name;

    /// <summary>The sizes of the axes, with an open batch counted as one.</summary>
    public IReadOnlyList<long> Shape => Value.KnownShape.Dims.ToArray();

    /// <summary>The size of axis 1.</summary>
    public int Channels => Value.KnownShape.Rank > 1 ? Value.KnownShape.Dim(1) : throw new ShapeException($"'{Name}' {Value.KnownShape} has no channels");

    /// <summary>Makes this value an output of the network, under its own name or another.</summary>
    public void Output(string? name = null) => Builder.Output(this, name);

    /// <inheritdoc/>
    public override string ToString() => value?.ToString() ?? "(no value)";

    /// <summary>A two-dimensional convolution.</summary>
    /// <param name="channels">Output channels K.</param>
    /// <param name="kernel">The filter's size.</param>
    /// <param name="stride">The step between outputs.</param>
    /// <param name="pad">Zeros around the picture; null centres the filter.</param>
    /// <param name="dilation">The distance between the filter's taps.</param>
    /// <param name="groups">Parts of the channels that do not see each other.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="weights">K x C/groups x R x S numbers; null for seeded ones (He).</param>
    /// <param name="biases">K numbers; null for seeded ones.</param>
    /// <param name="name">The layer's name.</param>
    public NetValue Conv(
        int channels, Extent kernel, Extent? stride = null, Padding? pad = null, Extent? dilation = null, int groups = 1, bool bias = true,
        float[]? weights = null, float[]? biases = null, string? name = null)
    {
        if (groups < 1 || Channels % groups != 0)
            throw new ArgumentOutOfRangeException(nameof(groups), groups, $"{Channels} channels cannot be cut into {groups} groups.");
        Extent steps = stride ?? 1, spread = dilation ?? 1;
        Padding pads = pad ?? Padding.Centred(kernel, spread);
        string layer = Builder.LayerName(name, "conv");
        long depth = (long)Channels / groups * kernel.Height * kernel.Width;
        Value weight = Builder.Weight($"{layer}.weight", weights, new Shape(channels, Channels / groups, kernel.Height, kernel.Width), 0, He(depth));
        Value? shift = bias || biases is not null ? Builder.Weight($"{layer}.bias", biases, new Shape(channels), 0, Inverse(depth)) : null;
        return Builder.Add("Conv", layer, shift is null ? [Value, weight] : [Value, weight, shift],
            ModelBuilder.Attribute("kernel_shape", kernel.ToArray()), ModelBuilder.Attribute("strides", steps.ToArray()), ModelBuilder.Attribute("pads", pads.ToArray()),
            ModelBuilder.Attribute("dilations", spread.ToArray()), ModelBuilder.Attribute("group", groups));
    }

    /// <summary>A 1x1 convolution: one matrix product over the channels of every pixel.</summary>
    /// <inheritdoc cref="Conv"/>
    public NetValue Pointwise(int channels, Extent? stride = null, int groups = 1, bool bias = true, float[]? weights = null, float[]? biases = null, string? name = null) =>
        Conv(channels, 1, stride, 0, 1, groups, bias, weights, biases, name);

    /// <summary>A convolution of each channel on its own.</summary>
    /// <inheritdoc cref="Conv"/>
    public NetValue Depthwise(
        Extent kernel, Extent? stride = null, Padding? pad = null, Extent? dilation = null, bool bias = true, float[]? weights = null, float[]? biases = null, string? name = null) =>
        Conv(Channels, kernel, stride, pad, dilation, Channels, bias, weights, biases, name);

    /// <summary>A fully connected layer on N x C values.</summary>
    /// <param name="channels">Output channels K.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="weights">K x C numbers; null for seeded ones.</param>
    /// <param name="biases">K numbers; null for seeded ones.</param>
    /// <param name="name">The layer's name.</param>
    public NetValue Dense(int channels, bool bias = true, float[]? weights = null, float[]? biases = null, string? name = null)
    {
        string layer = Builder.LayerName(name, "dense");
        Value weight = Builder.Weight($"{layer}.weight", weights, new Shape(channels, Channels), 0, He(Channels));
        Value? shift = bias || biases is not null ? Builder.Weight($"{layer}.bias", biases, new Shape(channels), 0, Inverse(Channels)) : null;
        return Builder.Add("Gemm", layer, shift is null ? [Value, weight] : [Value, weight, shift], ModelBuilder.Attribute("transB", 1));
    }

    /// <summary>The matrix product with another value, over the last two axes.</summary>
    public NetValue MatMul(NetValue other, string? name = null) => Binary("MatMul", other, name);

    /// <summary>Batch normalisation with fixed statistics, one of each per channel; those not given are seeded.</summary>
    public NetValue BatchNormalization(
        float epsilon = 1e-5f, float[]? scale = null, float[]? shift = null, float[]? mean = null, float[]? variance = null, string? name = null)
    {
        string layer = Builder.LayerName(name, "norm");
        var each = new Shape(Channels);
        return Builder.Add("BatchNormalization", layer,
            [
                Value, Builder.Weight($"{layer}.scale", scale, each, 1, 0.25f), Builder.Weight($"{layer}.bias", shift, each, 0, 0.25f),
                Builder.Weight($"{layer}.mean", mean, each, 0, 0.25f), Builder.Weight($"{layer}.variance", variance, each, 1, 0.25f),
            ],
            ModelBuilder.Attribute("epsilon", epsilon));
    }

    /// <summary>Local response normalisation over <paramref name="size"/> neighbouring channels.</summary>
    public NetValue Lrn(int size, float alpha = 1e-4f, float beta = 0.75f, float bias = 1, string? name = null) =>
        Unary("LRN", name, ModelBuilder.Attribute("size", size), ModelBuilder.Attribute("alpha", alpha),
            ModelBuilder.Attribute("beta", beta), ModelBuilder.Attribute("bias", bias));

    /// <summary>The spread of uniform weights that keeps the variance through a ReLU (He et al., 2015).</summary>
    private static float He(long depth) => MathF.Sqrt(6f / Math.Max(1, depth));

    private static float Inverse(long depth) => MathF.Sqrt(1f / Math.Max(1, depth));

    private NetValue Unary(string op, string? name, params ReadOnlySpan<Ops.NodeAttribute> attributes) =>
        Builder.Add(op, Builder.LayerName(name, op.ToLowerInvariant()), [Value], attributes);

    private NetValue Binary(string op, NetValue other, string? name) =>
        Builder.Add(op, Builder.LayerName(name, op.ToLowerInvariant()), [Value, Builder.Owned(other)]);
}
