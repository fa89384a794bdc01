using System.Numerics;
using System.Runtime.InteropServices;

namespace HybridConv.Verification;

/// <summary>
/// A sum of products in double precision, and what float arithmetic may make of it. Where products are added one after the other in the order given, by fused multiply-adds,
/// each partial sum is rounded once: the error is at most u (|s1| + |s2| + ...) to first order, Wilkinson's running bound, which is far below gamma(n) sum |w||x| for sums of both signs.
/// Partial sums are bounded a block at a time: in a block that starts from s and whose terms have the magnitudes a, none is larger than |s| + a.
/// </summary>
internal struct Chain
{
    private const int Block = 32;

    private double partial, terms;

    public Chain(double start)
    {
        Sum = start;
        Magnitude = Math.Abs(start);
    }

    /// <summary>The start and all products so far.</summary>
    public double Sum { get; private set; }

    /// <summary>The magnitudes of the start and of all products so far.</summary>
    public double Magnitude { get; private set; }

    /// <summary>Adds x[i] * w[i] for all i, ascending.</summary>
    public void Add(ReadOnlySpan<double> x, ReadOnlySpan<float> w)
    {
        for (int i = 0; i < x.Length; i += Block)
        {
            int count = Math.Min(Block, x.Length - i);
            (double sum, double size) = Products(x.Slice(i, count), w.Slice(i, count));
            partial += count * (Math.Abs(Sum) + size);
            Sum += sum;
            Magnitude += size;
        }
        terms += x.Length;
    }

    /// <summary>Adds one number.</summary>
    public void Add(double term)
    {
        Sum += term;
        Magnitude += Math.Abs(term);
        partial += Math.Abs(Sum);
        terms++;
    }

    /// <summary>The bound on the error of the sum in float.</summary>
    /// <param name="inOrder">Whether the sum is known to be made one product after the other in this order. Otherwise any order, in any number of parts, is allowed.</param>
    public readonly double Error(bool inOrder) =>
        Roundoff.OfSum((inOrder ? Roundoff.Unit * partial / (1 - terms * Roundoff.Unit) : Roundoff.Gamma(terms + 2) * Magnitude) + terms * Roundoff.Tiny, Magnitude);

    private static (double Sum, double Magnitude) Products(ReadOnlySpan<double> x, ReadOnlySpan<float> w)
    {
        double sum = 0, size = 0;
        int i = 0;
        if (Vector.IsHardwareAccelerated && x.Length >= Vector<float>.Count)
        {
            Vector<double> sums = default, sizes = default;
            ReadOnlySpan<Vector<float>> weights = MemoryMarshal.Cast<float, Vector<float>>(w);
            ReadOnlySpan<Vector<double>> numbers = MemoryMarshal.Cast<double, Vector<double>>(x);
            for (int k = 0; k < weights.Length; k++)
            {
                Vector.Widen(weights[k], out Vector<double> low, out Vector<double> high);
                low *= numbers[2 * k];
                high *= numbers[2 * k + 1];
                sums += low + high;
                sizes += Vector.Abs(low) + Vector.Abs(high);
            }
            i = weights.Length * Vector<float>.Count;
            (sum, size) = (Vector.Sum(sums), Vector.Sum(sizes));
        }
        for (; i < x.Length; i++)
        {
            double product = x[i] * w[i];
            sum += product;
            size += Math.Abs(product);
        }
        return (sum, size);
    }
}
