namespace HybridConv.Conformance.Cases;

/// <summary>A kind of cases, made from seeds.</summary>
/// <param name="Name">For test names.</param>
/// <param name="Blocks">How many blocks of cases the suite samples.</param>
/// <param name="Make">The case of a seed.</param>
internal sealed record Family(string Name, int Blocks, Func<int, Fill, Case> Make)
{
    public static IReadOnlyList<Family> All { get; } =
    [
        new("conv", 17, ConvCases.Make),
        new("convtranspose", 2, ConvTransposeCases.Make),
        new("extreme", 1, ExtremeCases.Make),
        new("pool", 4, PoolCases.Make),
        new("product", 4, ProductCases.Make),
        new("elementwise", 2, ElementwiseCases.Make),
        new("reduction", 2, ReductionCases.Make),
        new("movement", 1, MovementCases.Make),
    ];
}
