using System.IO.Compression;
using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Cli.Reports;
using HybridConv.Tools;
using HybridConv.Tools.Data;
using HybridConv.Zoo;

namespace HybridConv.Compare;

/// <summary>Measures one model after the other, each with fresh processes.</summary>
/// <param name="ours">HybridConv.</param>
/// <param name="peer">What it is measured against.</param>
/// <param name="processors">Those of every process.</param>
/// <param name="threads">Of each engine.</param>
/// <param name="precision">HybridConv's.</param>
/// <param name="rounds">Rounds per row.</param>
/// <param name="terminal">Takes the progress.</param>
internal sealed class Comparison(Engine ours, Engine peer, Processors processors, int threads, Precision precision, int rounds, Terminal terminal)
{
    /// <summary>Bursts of each variant of the peer, before the fastest is chosen.</summary>
    private const int Trials = 3;

    private static readonly TimeSpan BurstTime = TimeSpan.FromMilliseconds(400);

    private Loaded? anyOurs, anyPeer;

    public CompareReport Report(MachineReport machine, string method, IReadOnlyList<CompareRow> rows) => new(
        machine, anyPeer?.Engine, anyPeer?.Options, anyOurs?.Engine, anyOurs?.Options, threads, processors.Numbers, method, GeometricMean(rows),
        [.. rows.GroupBy(row => row.Batch).Select(batch => new BatchMean(batch.Key, GeometricMean(batch)))], rows);

    /// <summary>One model's row; when it cannot be measured, the reason stands in it.</summary>
    /// <param name="source">An ONNX file, or a network of the zoo.</param>
    /// <param name="batch">Pictures per run.</param>
    /// <param name="shapes">Gives the shapes of the inputs where nothing else does.</param>
    public CompareRow Row(string source, int batch, Func<IReadOnlyList<TensorInfo>, IReadOnlyDictionary<string, long[]>> shapes)
    {
        string name = ModelSource.Name(source);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-compare-");
        var contenders = new List<Contender>();
        try
        {
            string file = OnnxFile(source, batch, folder.FullName);
            HostTensor[] inputs = Inputs(source, batch, file, shapes);
            StoredTensor[] stored = [.. inputs.Select((input, i) => StoredTensor.Write(input, Path.Combine(folder.FullName, $"input.{i}")))];
            terminal.Progress($"{name}, batch {batch}: loading");
            Contender Load(Engine engine, string variant, Precision wanted)
            {
                contenders.Add(Contender.Load(engine, variant, Job(engine, variant, wanted, file, stored, folder.FullName), processors));
                return contenders[^1];
            }

            Contender us = Load(ours, "", precision);
            Contender? exact = precision == Precision.Reproducible ? null : Load(ours, nameof(Precision.Reproducible), Precision.Reproducible);
            return Measure(new CompareRow(name, batch), us, exact, [.. peer.Variants.Select(variant => Load(peer, variant, precision))]);
        }
        catch (Exception e) when (e is EngineException or HybridConvException)
        {
            return new CompareRow(name, batch, Reason: e.Message);
        }
        finally
        {
            foreach (Contender contender in contenders)
                contender.Dispose();
            folder.Delete(recursive: true);
        }
    }

    /// <param name="row">The model and the batch.</param>
    /// <param name="us">HybridConv.</param>
    /// <param name="exact">HybridConv with the same bits on every machine; null where it is that already.</param>
    /// <param name="peers">The peer's variants.</param>
    private CompareRow Measure(CompareRow row, Contender us, Contender? exact, IReadOnlyList<Contender> peers)
    {
        anyOurs = us.Loaded;
        anyPeer = peers[0].Loaded;
        string name = $"{row.Model}, batch {row.Batch}";
        foreach (Contender candidate in peers)
            if (candidate.Difference(us) is { Reason: not null } wrong)
                return With(row, us, candidate) with { MaxAbsDiff = Numbers.Finite(wrong.MaxAbs), Agree = false, Reason = wrong.Reason };

        terminal.Progress($"{name}: warming up");
        us.Warm();
        exact?.Warm();
        foreach (Contender candidate in peers)
            candidate.Warm();
        Contender them = Fastest(peers);
        row = With(row, us, them) with { MaxAbsDiff = Numbers.Finite(them.Difference(us).MaxAbs), Agree = true };
        terminal.Progress($"{name}: {rounds} rounds");
        var measured = new List<Round>();
        Contender[] turns = exact is null ? [us, them] : [us, them, exact];
        var bursts = new Burst[turns.Length];
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < turns.Length; turn++)
                bursts[(round + turn) % turns.Length] = turns[(round + turn) % turns.Length].Measure(BurstTime);
            measured.Add(new Round(Times.Of(bursts[0].TimesMs), Times.Of(bursts[1].TimesMs), exact is null ? null : Times.Of(bursts[2].TimesMs)));
        }
        double[] ratios = [.. measured.Select(round => round.Ratio)];
        double peerMs = Quantiles.Median([.. measured.Select(round => round.Peer.MedianMs)]);
        IReadOnlyList<KernelShare>? kernels = us.Profile();
        double? least = kernels?.Sum(kernel => kernel.LeastMs);
        return row with
        {
            OursMs = Numbers.Round(Quantiles.Median([.. measured.Select(round => round.Ours.MedianMs)])),
            PeerMs = Numbers.Round(peerMs),
            OursMinMs = Numbers.Round(measured.Min(round => round.Ours.MinMs)),
            PeerMinMs = Numbers.Round(measured.Min(round => round.Peer.MinMs)),
            Ratio = Numbers.Round(Quantiles.Median(ratios)),
            RatioLow = Numbers.Round(Quantiles.At(ratios, 0.25)),
            RatioHigh = Numbers.Round(Quantiles.At(ratios, 0.75)),
            ReproducibleMs = exact is null ? null : Numbers.Round(Quantiles.Median([.. measured.Select(round => round.Reproducible!.MedianMs)])),
            ReproducibleRatio = exact is null ? null : Numbers.Round(Quantiles.Median([.. measured.Select(round => round.Peer.MedianMs / round.Reproducible!.MedianMs)])),
            LeastMs = least is null ? null : Numbers.Round(least.Value),
            BestRatio = least > 0 ? Numbers.Round(peerMs / least.Value) : null,
            Kernels = kernels,
            OursPeakBytes = bursts[0].PeakBytes,
            PeerPeakBytes = bursts[1].PeakBytes,
            Rounds = measured,
        };
    }

    /// <summary>The one whose fastest burst is the fastest; they take turns.</summary>
    private static Contender Fastest(IReadOnlyList<Contender> contenders)
    {
        if (contenders.Count == 1)
            return contenders[0];
        var best = new double[contenders.Count];
        Array.Fill(best, double.PositiveInfinity);
        for (int trial = 0; trial < Trials; trial++)
            for (int i = 0; i < best.Length; i++)
                best[i] = Math.Min(best[i], Quantiles.Median(contenders[i].Measure(BurstTime).TimesMs));
        return contenders[Array.IndexOf(best, best.Min())];
    }

    private static CompareRow With(CompareRow row, Contender us, Contender them) => row with
    {
        PeerVariant = them.Variant.Length > 0 ? them.Variant : null,
        OursFirstMs = Numbers.Round(us.Loaded.FirstMs),
        PeerFirstMs = Numbers.Round(them.Loaded.FirstMs),
        OursLoadMs = Numbers.Round(us.Loaded.LoadMs),
        PeerLoadMs = Numbers.Round(them.Loaded.LoadMs),
    };

    private static double? GeometricMean(IEnumerable<CompareRow> rows) =>
        Quantiles.GeometricMean([.. rows.Where(row => row.Ratio is not null).Select(row => row.Ratio!.Value)]) is { } mean ? Numbers.Round(mean) : null;

    /// <summary>Writes a worker's job.</summary>
    private string Job(Engine engine, string variant, Precision wanted, string model, StoredTensor[] inputs, string folder)
    {
        string file = Path.Combine(folder, $"{engine.Name}.{variant}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new Job(engine.Name, variant, model, threads, wanted, inputs, folder), WireJson.Default.Job));
        return file;
    }

    /// <summary>
    /// The model as an ONNX file that all engines read: its own, or one in the temporary folder for a network of the zoo or a compressed file.
    /// </summary>
    private static string OnnxFile(string source, int batch, string folder)
    {
        string file = Path.Combine(folder, "model.onnx");
        if (!Path.Exists(source))
        {
            Network network = Networks.Find(source) ?? throw new UsageException($"there is no file and no network of the zoo '{source}'");
            using Model model = network.Build(new ZooOptions { Batch = batch });
            model.Save(file);
            return file;
        }
        if (Directory.Exists(source))
            source = ModelSource.InFolder(source) ?? throw new UsageException($"the folder '{source}' holds no model.onnx");
        if (!source.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            return Path.GetFullPath(source);
        using var compressed = new GZipStream(File.OpenRead(source), CompressionMode.Decompress);
        using FileStream plain = File.Create(file);
        compressed.CopyTo(plain);
        return file;
    }

    /// <summary>Real inputs where the model's folder has some and one picture is asked for, seeded ones elsewhere.</summary>
    private static HostTensor[] Inputs(string source, int batch, string file, Func<IReadOnlyList<TensorInfo>, IReadOnlyDictionary<string, long[]>> shapes)
    {
        using Model model = Model.Load(file);
        string? folder = Directory.Exists(source) ? source : Path.GetDirectoryName(source);
        if (batch == 1 && folder is { Length: > 0 } && Directory.Exists(folder) && OnnxCase.FirstInputs(folder, model.Inputs) is { } real)
            return real;
        IReadOnlyDictionary<string, long[]> known = shapes(model.Inputs);
        if (batch > 1 && model.Inputs.All(input => known[input.Name] is not [var first, ..] || first != batch))
            throw new EngineException($"no input of the model takes {batch} pictures: {string.Join(", ", model.Inputs)}");
        return RunTensors.Seeded(model.Inputs, known);
    }
}
