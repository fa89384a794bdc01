namespace HybridConv.Conformance.Cases;

/// <summary>A kind of cases, made from seeds.</summary>
/// <param name="Name">For test names.</param>
/// <param name="Blocks">How many blocks of cases the suite samples.</param>
/// <param name="Make">The case of a seed.</param>
internal sealed record Family(string Name, int Blocks, Func<int, Fill, Case> Make)
{
    private const int CasesPerBlock = 250;

    private static readonly Fill[] Fills = [Fill.Whole, Fill.Real, Fill.Whole, Fill.Real, Fill.Special];

    public static IReadOnlyList<Family> All { get; } =
    [
        new("conv", 17, ConvCases.Make),
        new("thin groups", 1, ConvCases.Thin),
        new("large", 1, ConvCases.Large),
        new("convtranspose", 2, ConvTransposeCases.Make),
        new("extreme", 1, ExtremeCases.Make),
        new("pool", 4, PoolCases.Make),
        new("tiles", 3, TileCases.Make),
        new("product", 4, ProductCases.Make),
        new("elementwise", 2, ElementwiseCases.Make),
        new("reduction", 2, ReductionCases.Make),
        new("movement", 2, MovementCases.Make),
        new("mixed", 1, MixedCases.Make),
        new("resize", 1, ResizeCases.Make),
    ];

    public static Family Named(string name) => All.Single(f => f.Name == name);

    /// <summary>All cases that the suite samples.</summary>
    public IEnumerable<Case> Cases => Enumerable.Range(0, Blocks).SelectMany(Block);

    /// <summary>The cases of one block.</summary>
    public IEnumerable<Case> Block(int block) => Enumerable.Range(0, CasesPerBlock).Select(i => Make(block * CasesPerBlock + i, Fills[i % Fills.Length]));
}
