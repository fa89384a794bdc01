namespace HybridConv.Passes;

/// <summary>Every pass, one line each, in the order in which they run.</summary>
internal static class PassList
{
    public static IReadOnlyList<IPass> All { get; } =
    [
        new RemoveDeadCode(),
        new RemoveIdentities(),
        new MergeCommonSubexpressions(),
        new MoveToChannelsLast(),
        new RemoveDeadCode(),
    ];
}
