using HybridConv.Graphs;

namespace HybridConv.Passes;

/// <summary>Runs passes one after the other over one graph.</summary>
internal static class PassPipeline
{
    /// <summary>Runs every pass of <see cref="PassList"/> on a graph whose shapes and types have been inferred.</summary>
    /// <returns>One report per pass, in order.</returns>
    public static IReadOnlyList<PassReport> Run(Graph graph) => Run(graph, PassList.All);

    public static IReadOnlyList<PassReport> Run(Graph graph, IReadOnlyList<IPass> passes)
    {
        var editor = new GraphEditor(graph);
        var reports = new List<PassReport>(passes.Count);
        foreach (IPass pass in passes)
        {
            var report = new PassReport(pass.Name);
            pass.Run(editor, report);
            editor.Commit();
            reports.Add(report);
        }
        return reports;
    }
}
