namespace HybridConv.Passes;

/// <summary>The sum of plain[i] x^i + gated[i] x^i g for i from 0 to 3: what a spelled-out activation makes of its operand x and of one nonlinear function g.</summary>
internal sealed class GatedPolynomial
{
    private const int Powers = 4;

    private readonly double[] plain = new double[Powers], gated = new double[Powers];

    public static GatedPolynomial X { get; } = new() { plain = { [1] = 1 } };
    public static GatedPolynomial G { get; } = new() { gated = { [0] = 1 } };

    public static GatedPolynomial Of(double number) => new() { plain = { [0] = number } };

    /// <summary>The coefficients of 1, x, x^2, x^3.</summary>
    public ReadOnlySpan<double> Plain => plain;

    /// <summary>The coefficients of g, x g, x^2 g, x^3 g.</summary>
    public ReadOnlySpan<double> Gated => gated;

    /// <summary>The highest power of x.</summary>
    public int Degree
    {
        get
        {
            int degree = Powers - 1;
            while (degree > 0 && plain[degree] == 0 && gated[degree] == 0)
                degree--;
            return degree;
        }
    }

    /// <summary>Itself, when it depends on neither x nor g.</summary>
    public double? Number => Degree == 0 && gated[0] == 0 ? plain[0] : null;

    public GatedPolynomial Plus(GatedPolynomial other)
    {
        var sum = new GatedPolynomial();
        for (int i = 0; i < Powers; i++)
            (sum.plain[i], sum.gated[i]) = (plain[i] + other.plain[i], gated[i] + other.gated[i]);
        return sum;
    }

    /// <summary>Null when the product has the square of g, or a power of x above the third.</summary>
    public GatedPolynomial? Times(GatedPolynomial other)
    {
        if (Degree + other.Degree >= Powers || (gated.AsSpan().ContainsAnyExcept(0) && other.gated.AsSpan().ContainsAnyExcept(0)))
            return null;
        var product = new GatedPolynomial();
        for (int i = 0; i < Powers; i++)
            for (int j = 0; i + j < Powers; j++)
            {
                product.plain[i + j] += plain[i] * other.plain[j];
                product.gated[i + j] += plain[i] * other.gated[j] + gated[i] * other.plain[j];
            }
        return product;
    }
}
