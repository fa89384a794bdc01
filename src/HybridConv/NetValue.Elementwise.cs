using HybridConv.Graphs;

namespace HybridConv;

/// <content>Layers that work on each element.</content>
public readonly partial struct NetValue
{
    /// <summary>max(0, x).</summary>
    public NetValue Relu(string? name = null) => Unary("Relu", name);

    /// <summary>min(6, max(0, x)).</summary>
    public NetValue Relu6(string? name = null) => Clip(0, 6, name);

    /// <summary>min(high, max(low, x)).</summary>
    public NetValue Clip(float low, float high, string? name = null)
    {
        string layer = Builder.LayerName(name, "clip");
        return Builder.Add("Clip", layer, [Value, Builder.Scalar($"{layer}.min", low), Builder.Scalar($"{layer}.max", high)]);
    }

    /// <summary>x, or slope * x where x is negative.</summary>
    public NetValue LeakyRelu(float slope = 0.01f, string? name = null) => Unary("LeakyRelu", name, ModelBuilder.Attribute("alpha", slope));

    /// <summary>1 / (1 + exp(-x)).</summary>
    public NetValue Sigmoid(string? name = null) => Unary("Sigmoid", name);

    /// <summary>max(0, min(1, slope * x + shift)); by default the form of MobileNetV3.</summary>
    public NetValue HardSigmoid(float slope = 1f / 6, float shift = 0.5f, string? name = null) =>
        Unary("HardSigmoid", name, ModelBuilder.Attribute("alpha", slope), ModelBuilder.Attribute("beta", shift));

    /// <summary>x * max(0, min(1, x/6 + 1/2)).</summary>
    public NetValue HardSwish(string? name = null) => Unary("HardSwish", name);

    /// <summary>x * sigmoid(x).</summary>
    public NetValue Silu(string? name = null)
    {
        string layer = Builder.LayerName(name, "silu");
        Value gate = Builder.Owned(Builder.Add("Sigmoid", $"{layer}.gate", [Value]));
        return Builder.Add("Mul", layer, [Value, gate]);
    }

    /// <summary>The hyperbolic tangent.</summary>
    public NetValue Tanh(string? name = null) => Unary("Tanh", name);

    /// <summary>exp(x), divided by its sum along an axis.</summary>
    public NetValue Softmax(int axis = -1, string? name = null) => Unary("Softmax", name, ModelBuilder.Attribute("axis", axis));

    /// <summary>The sum with another value; sizes of 1 are repeated.</summary>
    public NetValue Add(NetValue other, string? name = null) => Binary("Add", other, name);

    /// <summary>The difference; sizes of 1 are repeated.</summary>
    public NetValue Sub(NetValue other, string? name = null) => Binary("Sub", other, name);

    /// <summary>The product, element by element; sizes of 1 are repeated.</summary>
    public NetValue Mul(NetValue other, string? name = null) => Binary("Mul", other, name);
}
