using HybridConv.Cli.Reports;

namespace HybridConv.Cli.LayoutClaim;

/// <summary>Says where channels-last is faster, from measured ratios.</summary>
internal static class ClaimVerdict
{
    /// <summary>Layouts whose times differ by less count as equally fast; runs of one program on a shared machine differ by as much.</summary>
    private const double Margin = 0.1;

    /// <summary>How much of the claim some layers bear out.</summary>
    private enum Holds
    {
        Nowhere,
        Somewhere,
        Everywhere,
    }

    public static LayoutVerdict Of(IReadOnlyList<LayoutRow> rows)
    {
        (string Layer, double Ratio)[] naive = Ratios(rows, row => row.Naive), blocked = Ratios(rows, row => row.Blocked);
        return naive.Length == 0
            ? new LayoutVerdict("Nothing was measured.", "Nothing was measured.", "The claim stays open.")
            : new LayoutVerdict(Sentence("As a naive loop", naive), Sentence("As a blocked GEMM", blocked), Conclusion(Reach(naive), Reach(blocked)));
    }

    private static (string Layer, double Ratio)[] Ratios(IReadOnlyList<LayoutRow> rows, Func<LayoutRow, LayoutPair?> of) =>
        [.. rows.Where(row => of(row) is not null).Select(row => (row.Layer, of(row)!.Ratio))];

    private static bool IsFaster(double ratio) => ratio > 1 + Margin;

    private static bool IsSlower(double ratio) => 1 / ratio > 1 + Margin;

    private static Holds Reach((string Layer, double Ratio)[] layers) =>
        Array.TrueForAll(layers, layer => IsFaster(layer.Ratio)) ? Holds.Everywhere
        : Array.Exists(layers, layer => IsFaster(layer.Ratio)) ? Holds.Somewhere
        : Holds.Nowhere;

    private static string Sentence(string subject, (string Layer, double Ratio)[] layers)
    {
        string[] parts =
        [
            .. Part("faster", Array.FindAll(layers, layer => IsFaster(layer.Ratio)), layers.Length),
            .. Part(
                $"within {100 * Margin:0} % of channels-first",
                Array.FindAll(layers, layer => !IsFaster(layer.Ratio) && !IsSlower(layer.Ratio)), layers.Length),
            .. Part("slower", Array.FindAll(layers, layer => IsSlower(layer.Ratio)), layers.Length),
        ];
        string end = Reach(layers) switch
        {
            Holds.Everywhere => "the claim holds",
            Holds.Nowhere => "the claim does not hold",
            _ => "the claim holds on the first and not on the others",
        };
        return $"{subject}, channels-last is {string.Join("; ", parts)}: {end}.";
    }

    /// <summary>Where it is all layers, the range of their ratios, else each; nothing for none.</summary>
    private static IEnumerable<string> Part(string how, (string Layer, double Ratio)[] layers, int all)
    {
        if (layers.Length == 0)
            yield break;
        double[] ratios = [.. layers.Select(layer => layer.Ratio)];
        string each = string.Join(", ", layers.Select(layer => FormattableString.Invariant($"{layer.Layer}: {layer.Ratio:0.00}")));
        yield return layers.Length == all
            ? FormattableString.Invariant(
                $"{how} on all {all} layers (least {ratios.Min():0.00}, middle {Quantiles.Median(ratios):0.00}, most {ratios.Max():0.00} times)")
            : $"{how} on {layers.Length} of {all} layers ({each} times)";
    }

    private static string Conclusion(Holds naive, Holds blocked) => (naive, blocked) switch
    {
        (Holds.Everywhere, Holds.Nowhere) => "The claim is about loops, not about layouts.",
        (Holds.Somewhere, Holds.Nowhere) => "Where the claim holds, it is about loops, not about layouts.",
        (Holds.Nowhere, Holds.Nowhere) => "The claim holds neither for loops nor for blocked GEMMs.",
        (Holds.Everywhere, Holds.Everywhere) => "The claim holds for loops and for blocked GEMMs.",
        (Holds.Everywhere, Holds.Somewhere) => "The claim holds for loops, and on some layers for blocked GEMMs.",
        (Holds.Somewhere, Holds.Everywhere) => "The claim holds for blocked GEMMs, and on some layers for loops.",
        (Holds.Somewhere, Holds.Somewhere) => "The claim holds on some layers, for loops and for blocked GEMMs.",
        (_, Holds.Everywhere) => "The claim holds for blocked GEMMs only.",
        _ => "The claim holds for blocked GEMMs only, and on some layers.",
    };
}
