namespace Colors;

/// <summary>The linear algebra of small matrices, in double; rows come first.</summary>
internal static class Matrix
{
    /// <summary>Far more than any matrix needs: after a few sweeps every further one squares what is left off the diagonal.</summary>
    private const int MaxSweeps = 64;

    /// <summary>An element off the diagonal that is smaller than this share of its two diagonal elements changes neither of them.</summary>
    private const double Negligible = 1e-17;

    public static double[,] Transpose(double[,] a) => Make(a.GetLength(1), a.GetLength(0), (i, j) => a[j, i]);

    public static double[,] Product(double[,] a, double[,] b) =>
        Make(a.GetLength(0), b.GetLength(1), (i, j) => Enumerable.Range(0, a.GetLength(1)).Sum(k => a[i, k] * b[k, j]));

    /// <summary>The matrix with the given elements, by row and column.</summary>
    public static double[,] Make(int rows, int columns, Func<int, int, double> element)
    {
        var matrix = new double[rows, columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                matrix[i, j] = element(i, j);
        return matrix;
    }

    /// <summary>
    /// A symmetric matrix to a power: V diag(lambda^exponent) V' over the eigenvalues above <paramref name="floor"/>; the directions of the others become zero. So the
    /// power 1/2 is a square root, -1 an inverse or pseudo-inverse, and 0 the projection on the directions that are kept.
    /// </summary>
    public static double[,] Power(double[,] symmetric, double exponent, double floor = 0)
    {
        (double[] values, double[,] vectors) = Eigen(symmetric);
        double[] powers = Array.ConvertAll(values, value => value > floor ? Math.Pow(value, exponent) : 0);
        return Make(values.Length, values.Length, (i, j) => powers.Select((power, e) => vectors[i, e] * power * vectors[j, e]).Sum());
    }

    /// <summary>
    /// The eigenvalues of a symmetric matrix in no particular order, and for each a column of unit length: cyclic Jacobi rotations, each of which makes one pair of
    /// elements off the diagonal zero (C. G. J. Jacobi, 1846; G. H. Golub and C. F. Van Loan, Matrix Computations, section 8.5).
    /// </summary>
    public static (double[] Values, double[,] Vectors) Eigen(double[,] symmetric)
    {
        int n = symmetric.GetLength(0);
        var a = (double[,])symmetric.Clone();
        double[,] vectors = Make(n, n, (i, j) => i == j ? 1 : 0);
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            bool rotated = false;
            for (int p = 0; p < n; p++)
                for (int q = p + 1; q < n; q++)
                    if (Math.Abs(a[p, q]) > Negligible * (Math.Abs(a[p, p]) + Math.Abs(a[q, q])))
                    {
                        Rotate(a, vectors, p, q);
                        rotated = true;
                    }
            if (!rotated)
                break;
        }
        return ([.. Enumerable.Range(0, n).Select(i => a[i, i])], vectors);
    }

    /// <summary>a becomes R' a R, and vectors become vectors R: R turns the plane of the axes p and q by the smaller of the two angles that make a[p, q] zero.</summary>
    private static void Rotate(double[,] a, double[,] vectors, int p, int q)
    {
        double cotangent = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double tangent = Math.CopySign(1, cotangent) / (Math.Abs(cotangent) + Math.Sqrt(cotangent * cotangent + 1));
        double cosine = 1 / Math.Sqrt(tangent * tangent + 1), sine = tangent * cosine;
        for (int i = 0; i < a.GetLength(0); i++)
        {
            (a[i, p], a[i, q]) = (cosine * a[i, p] - sine * a[i, q], sine * a[i, p] + cosine * a[i, q]);
            (vectors[i, p], vectors[i, q]) = (cosine * vectors[i, p] - sine * vectors[i, q], sine * vectors[i, p] + cosine * vectors[i, q]);
        }
        for (int i = 0; i < a.GetLength(0); i++)
            (a[p, i], a[q, i]) = (cosine * a[p, i] - sine * a[q, i], sine * a[p, i] + cosine * a[q, i]);
        a[p, q] = a[q, p] = 0;
    }
}
