namespace HybridConv.Ops.Elementwise;

/// <summary>How <c>elementwise.cl</c> spells the operators' functions. One without a line here has no row on OpenCL devices, which a test finds.</summary>
internal static class ClFunctions
{
    /// <param name="function">The struct that an operator is made of; a new line is all that a new one needs besides its text in the kernel.</param>
    /// <returns>Null for an unknown one.</returns>
    public static ClFunction? Of(object function) => function switch
    {
        Relu => new("relu"),
        Clamp f => new("clip", f.Min, f.Max),
        LeakyRelu f => new("leaky_relu", f.Slope),
        Elu f => new("elu", f.Scale),
        Selu f => new("selu", f.Scale, f.Gain),
        Celu f => new("celu", f.Scale),
        ThresholdedRelu f => new("thresholded_relu", f.Threshold),
        Softplus => new("softplus"),
        Swish f => new("swish", f.Scale),
        Mish => new("mish"),
        Gelu f => new(f.Approximate ? "gelu_tanh" : "gelu"),
        Sigmoid => new("sigmoid"),
        HardSigmoid f => new("hard_sigmoid", f.Slope, f.Offset),
        HardSwish => new("hard_swish"),
        Tanh => new("tanh"),
        Softsign => new("softsign"),
        Exp => new("exp"),
        Log => new("log"),
        Erf => new("erf"),
        Sqrt => new("sqrt"),
        Reciprocal => new("reciprocal"),
        Round => new("round"),
        Floor => new("floor"),
        Ceiling => new("ceil"),
        Neg => new("neg"),
        Abs => new("abs"),
        Sign => new("sign"),
        Add or Sum => new("add"),
        Sub => new("sub"),
        Mul => new("mul"),
        Div => new("div"),
        Max => new("max"),
        Min => new("min"),
        Power => new("pow"),
        ParametricRelu => new("prelu"),
        Equal => Predicate("equal"),
        Less => Predicate("less"),
        LessOrEqual => Predicate("less_or_equal"),
        Greater => Predicate("greater"),
        GreaterOrEqual => Predicate("greater_or_equal"),
        _ => null,
    };

    private static ClFunction Predicate(string name) => new(name, Defines: "-D Y=uchar");
}
