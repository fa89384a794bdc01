using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using HybridConv.Cli;
using HybridConv.Cpu;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Cpu;

/// <summary>
/// What the just-in-time compiler makes of the inner loops: as many fused multiply-adds as the tile has accumulators, and nothing on the stack. One call that is not inlined, anywhere
/// in a method, is enough to keep accumulators in memory; no result would tell.
/// </summary>
public sealed partial class HotLoopTests
{
    /// <summary>The methods to look at; the names of others that are caught by them are passed over.</summary>
    private const string Methods = "Run Rows14 Rows6 Tiles Column Columns ThreeByThree";

    /// <summary>Between them they take every kind of tile.</summary>
    private static readonly string[] Networks = ["mobilenetv2", "squeezenet1.1"];

    [Theory]
    [InlineData((int)Isa.V512, 14)]
    [InlineData((int)Isa.V256, 6)]
    public void Accumulators_stay_in_registers(int isa, int tilePixels)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The listings that this reads are those of x64.");
        Assert.SkipUnless(CpuInfo.Widest >= (Isa)isa, $"This machine has no {(Isa)isa}: its widest vectors are {CpuInfo.Widest}.");
        HotLoop[] loops = [.. Listing((Isa)isa).Select(HotLoop.Of).OfType<HotLoop>()];
        Assert.All(loops, loop => Assert.True(loop.VectorsOnStack.Count == 0, $"{loop.Method}: {string.Join("; ", loop.VectorsOnStack)}"));

        HotLoop[] tiles = [.. loops.Where(loop => TileShape().IsMatch(loop.Method))];
        Assert.All(tiles, loop =>
        {
            Match shape = TileShape().Match(loop.Method);
            int pixels = int.Parse(shape.Groups["pixels"].ValueSpan, CultureInfo.InvariantCulture), vectors = shape.Groups["vectors"].Value == "One" ? 1 : 2;
            Assert.Equal(pixels * vectors, loop.MultiplyAdds);
            Assert.True(loop.OnStack.Count == 0, $"{loop.Method}: {string.Join("; ", loop.OnStack)}");
        });
        foreach (string epilogue in (string[])["ClampEpilogue", "ResidualEpilogue"])
            Assert.Contains(tiles, loop => loop.Method.Contains($"Rows{tilePixels},", StringComparison.Ordinal) && loop.Method.Contains(epilogue, StringComparison.Ordinal));
        Assert.Contains(loops, loop => loop.Method.Contains("PixelTile", StringComparison.Ordinal) && loop is { MultiplyAdds: 8, OnStack.Count: 0 });
        Assert.Contains(loops, loop => loop.Method.Contains("DepthwisePatchTiles", StringComparison.Ordinal) && loop is { MultiplyAdds: 7, OnStack.Count: 0 });
        // Two rows of four columns.
        Assert.Contains(loops, loop => loop.Method.Contains("DepthwiseTiles", StringComparison.Ordinal) && loop.MultiplyAdds == 2 * 4 * 9);
    }

    /// <summary>The listings of all hot methods that some networks run, optimised fully.</summary>
    private static IEnumerable<string> Listing(Isa isa)
    {
        string file = Path.GetTempFileName();
        try
        {
            (int exitCode, string output) = ChildProcess.Run(
                typeof(CommandLine).Assembly, ["bench", .. Networks, "--target", "cpu", "--against", "cpu", "--threads", "1", "--runs", "1"],
                ("DOTNET_JitStdOutFile", file), ("DOTNET_JitDisasm", Methods), ("DOTNET_JitDisasmDiffable", "1"), ("HYBRIDCONV_ISA", isa.ToString().ToLowerInvariant()));
            Assert.True(exitCode == 0, output);
            return [.. File.ReadAllText(file).Split("; Assembly listing for method ").Where(method => method.Contains("HybridConv.", StringComparison.Ordinal) && method.Contains("FullOpts", StringComparison.Ordinal))];
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Pixels and vectors of a tile of matrix products.</summary>
    [GeneratedRegex(@"Gemm\.Tiles:Run\[.*Rows(?<pixels>\d+),.*\.(?<vectors>One|Two)Vectors?,")]
    private static partial Regex TileShape();

    /// <summary>The innermost loop with the most fused multiply-adds of a method.</summary>
    /// <param name="Method">Its name, with type arguments.</param>
    /// <param name="MultiplyAdds">Fused multiply-adds.</param>
    /// <param name="OnStack">Instructions that read or write the stack.</param>
    private sealed partial record HotLoop(string Method, int MultiplyAdds, IReadOnlyList<string> OnStack)
    {
        /// <summary>Those of vectors: accumulators, inputs, weights. A bound of a clamp, one float, is fetched when a tile is finished.</summary>
        public IReadOnlyList<string> VectorsOnStack => [.. OnStack.Where(instruction => Vector().IsMatch(instruction) && !instruction.StartsWith("vmovss", StringComparison.Ordinal))];

        /// <summary>Null for methods that multiply nothing in a loop.</summary>
        public static HotLoop? Of(string listing)
        {
            string[] lines = listing.Split('\n');
            string stack = listing.Contains("rbp based frame", StringComparison.Ordinal) ? "[rbp" : "[rsp";
            var labels = new Dictionary<string, int>();
            var loops = new List<(int Start, int End)>();
            for (int i = 0; i < lines.Length; i++)
                if (Label().Match(lines[i]) is { Success: true } label)
                    labels[label.Groups[1].Value] = i;
                else if (Jump().Match(lines[i]) is { Success: true } jump && labels.TryGetValue(jump.Groups[1].Value, out int start))
                    loops.Add((start, i));
            HotLoop? hottest = null;
            foreach ((int start, int end) in loops.Where(loop => !loops.Exists(inner => inner != loop && inner.Start >= loop.Start && inner.End <= loop.End)))
            {
                string[] body = lines[start..(end + 1)];
                int multiplyAdds = body.Count(line => line.Contains(" vfmadd", StringComparison.Ordinal));
                if (multiplyAdds > (hottest?.MultiplyAdds ?? 0))
                    hottest = new HotLoop(lines[0], multiplyAdds, [.. body.Where(line => line.Contains(stack, StringComparison.Ordinal)).Select(line => line.Trim())]);
            }
            return hottest;
        }

        [GeneratedRegex(@"^(G_M\w+):")]
        private static partial Regex Label();

        [GeneratedRegex(@"^\s+j\w+\s+(?:SHORT )?(G_M\w+)")]
        private static partial Regex Jump();

        [GeneratedRegex(@"[xyz]mm\d")]
        private static partial Regex Vector();
    }
}
