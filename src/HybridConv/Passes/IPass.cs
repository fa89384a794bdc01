using HybridConv.Graphs;

namespace HybridConv.Passes;

/// <summary>A portable rewrite of a graph whose shapes and types are known. It leaves them known and keeps the graph's inputs and outputs.</summary>
internal interface IPass
{
    string Name { get; }

    /// <summary>Whether every output keeps its exact bits.</summary>
    bool PreservesBits { get; }

    /// <summary>Rewrites in place.</summary>
    void Run(GraphEditor graph, PassReport report);
}

/// <summary>What a pass did, and where it declined although the pattern was there.</summary>
internal sealed class PassReport(string pass)
{
    private readonly List<string> changes = [], declined = [];

    public string Pass { get; } = pass;
    public IReadOnlyList<string> Changes => changes;
    public IReadOnlyList<string> Declined => declined;

    public void Change(string what) => changes.Add(what);
    public void Decline(Node node, string why) => declined.Add($"{node.Name}: {why}");
}
