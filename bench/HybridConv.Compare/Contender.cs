using HybridConv.Tools.Data;


namespace HybridConv.Compare;

/// <summary>A process that has loaded the model and is at rest between whatever it is asked to do.</summary>
internal sealed class Contender : IDisposable
{
    private readonly WorkerProcess process;
    private readonly HostTensor[] outputs;

    private Contender(string variant, WorkerProcess process, Loaded loaded)
    {
        Variant = variant;
        this.process = process;
        Loaded = loaded;
        outputs = [.. loaded.Outputs.Select(output => output.Read())];
    }

    /// <summary>Of its engine.</summary>
    public string Variant { get; }

    public Loaded Loaded { get; }

    /// <param name="engine">What to measure.</param>
    /// <param name="variant">One of its variants.</param>
    /// <param name="job">The file that holds the job.</param>
    /// <param name="processors">The processors that it runs on.</param>
    public static Contender Load(Engine engine, string variant, string job, Processors processors)
    {
        var process = new WorkerProcess(engine, job, processors);
        try
        {
            // The runtime has started before anything is timed.
            process.Rest();
            Loaded loaded = process.Load();
            process.Rest();
            return new Contender(variant, process, loaded);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Runs until the times no longer fall.</summary>
    public void Warm()
    {
        process.Warm();
        process.Rest();
    }

    /// <summary>Runs for so long.</summary>
    public Burst Measure(TimeSpan time)
    {
        Burst burst = process.Measure(time);
        process.Rest();
        return burst;
    }

    /// <summary>Where its time goes; null of an engine that does not tell.</summary>
    public IReadOnlyList<KernelShare>? Profile() => process.Profile();

    /// <summary>What the other computes of the same inputs, compared with what this computes.</summary>
    public Difference Difference(Contender other)
    {
        if (outputs.Length != other.outputs.Length)
            return Tools.Data.Difference.None with { Reason = $"there are {other.outputs.Length} outputs, and the peer has {outputs.Length}" };
        Difference worst = Tools.Data.Difference.None;
        for (int i = 0; i < outputs.Length; i++)
            worst = worst.Worse(Tools.Data.Difference.Between(other.outputs[i], outputs[i], Tolerance.Network).In(outputs[i].Name));
        return worst;
    }

    public void Dispose() => process.Dispose();
}
