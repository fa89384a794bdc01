using System.IO.Compression;
using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Cli.Data;
using HybridConv.Cli.Reports;
using HybridConv.Zoo;

namespace HybridConv.Compare;

/// <summary>Measures one model after the other, each with a fresh pair of processes.</summary>
internal sealed class Comparison(Processors processors, int threads, Precision precision, int batch, int rounds, Terminal terminal)
{
    private static readonly TimeSpan BurstTime = TimeSpan.FromMilliseconds(400);

    private Loaded? anyOurs, anyPeer;

    public CompareReport Report(MachineReport machine, string method, IReadOnlyList<CompareRow> rows) => new(
        machine, anyPeer?.Engine, anyPeer?.Options, anyOurs?.Engine, anyOurs?.Options, threads, processors.Numbers, batch, method,
        Round(Quantiles.GeometricMean([.. rows.Where(row => row.Ratio is not null).Select(row => row.Ratio!.Value)])), rows);

    /// <summary>One model's row; when it cannot be measured, the reason stands in it.</summary>
    /// <param name="source">An ONNX file, or a network of the zoo.</param>
    /// <param name="shapes">Gives the shapes of the inputs where nothing else does.</param>
    public CompareRow Row(string source, Func<IReadOnlyList<TensorInfo>, IReadOnlyDictionary<string, long[]>> shapes)
    {
        string name = ModelSource.Name(source);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-compare-");
        try
        {
            string file = OnnxFile(source, folder.FullName);
            HostTensor[] inputs = Inputs(source, file, shapes);
            StoredTensor[] stored = [.. inputs.Select((input, i) => StoredTensor.Write(input, Path.Combine(folder.FullName, $"input.{i}")))];
            using WorkerProcess ours = Start(Engines.Ours, file, stored, folder.FullName), peer = Start(Engines.OnnxRuntime, file, stored, folder.FullName);
            return Measure(name, ours, peer);
        }
        catch (Exception e) when (e is EngineException or HybridConvException)
        {
            return new CompareRow(name, Reason: e.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private CompareRow Measure(string name, WorkerProcess ours, WorkerProcess peer)
    {
        terminal.Progress($"{name}: loading");
        Loaded us = anyOurs = ours.Load();
        ours.Rest();
        Loaded them = anyPeer = peer.Load();
        peer.Rest();
        Difference difference = Compare(us.Outputs, them.Outputs);
        var row = new CompareRow(
            name, MaxAbsDiff: Numbers.Finite(difference.MaxAbs), OursFirstMs: Round(us.FirstMs), PeerFirstMs: Round(them.FirstMs),
            OursLoadMs: Round(us.LoadMs), PeerLoadMs: Round(them.LoadMs), Agree: difference.Reason is null, Reason: difference.Reason);
        if (difference.Reason is not null)
            return row;

        terminal.Progress($"{name}: warming up");
        ours.Warm();
        ours.Rest();
        peer.Warm();
        peer.Rest();
        terminal.Progress($"{name}: {rounds} rounds");
        var measured = new List<Round>();
        Burst lastOurs = new([], 0), lastPeer = new([], 0);
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < 2; turn++)
                if ((round + turn) % 2 == 0)
                    lastOurs = Burst(ours);
                else
                    lastPeer = Burst(peer);
            measured.Add(new Round(Times.Of(lastOurs.TimesMs), Times.Of(lastPeer.TimesMs)));
        }
        double[] ratios = [.. measured.Select(round => round.Ratio)];
        return row with
        {
            OursMs = Round(Quantiles.Median([.. measured.Select(round => round.Ours.MedianMs)])),
            PeerMs = Round(Quantiles.Median([.. measured.Select(round => round.Peer.MedianMs)])),
            OursMinMs = Round(measured.Min(round => round.Ours.MinMs)),
            PeerMinMs = Round(measured.Min(round => round.Peer.MinMs)),
            Ratio = Round(Quantiles.Median(ratios)),
            RatioLow = Round(Quantiles.At(ratios, 0.25)),
            RatioHigh = Round(Quantiles.At(ratios, 0.75)),
            OursPeakBytes = lastOurs.PeakBytes,
            PeerPeakBytes = lastPeer.PeakBytes,
            Rounds = measured,
        };
    }

    private static Burst Burst(WorkerProcess worker)
    {
        Burst burst = worker.Measure(BurstTime);
        worker.Rest();
        return burst;
    }

    private static Difference Compare(IReadOnlyList<StoredTensor> ours, IReadOnlyList<StoredTensor> peer)
    {
        if (ours.Count != peer.Count)
            return Difference.None with { Reason = $"there are {ours.Count} outputs, and the peer has {peer.Count}" };
        Difference worst = Difference.None;
        for (int i = 0; i < ours.Count; i++)
            worst = worst.Worse(Difference.Between(ours[i].Read(), peer[i].Read(), Tolerance.Network).In(peer[i].Name));
        return worst;
    }

    private WorkerProcess Start(string engine, string file, StoredTensor[] inputs, string folder)
    {
        string jobFile = Path.Combine(folder, $"{engine}.json");
        File.WriteAllText(jobFile, JsonSerializer.Serialize(new Job(engine, file, threads, precision, inputs, folder), WireJson.Default.Job));
        return new WorkerProcess(engine, jobFile, processors);
    }

    /// <summary>The model as an ONNX file that both engines read: its own, or one in the temporary folder for a network of the zoo or a compressed file.</summary>
    private string OnnxFile(string source, string folder)
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
    private HostTensor[] Inputs(string source, string file, Func<IReadOnlyList<TensorInfo>, IReadOnlyDictionary<string, long[]>> shapes)
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

    private static double Round(double value) => Numbers.Round(value);

    private static double? Round(double? value) => value is { } number ? Numbers.Round(number) : null;
}
