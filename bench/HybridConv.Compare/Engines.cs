using System.Reflection;
using HybridConv.Tools.Data;

namespace HybridConv.Compare;

/// <summary>A model loaded by one engine, with its inputs in place. Made by loading; disposed with the process.</summary>
internal interface IEngine : IDisposable
{
    /// <summary>Name and version.</summary>
    string Name { get; }

    /// <summary>Everything that was set, by the engine's own names.</summary>
    IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>One inference, inputs and outputs in memory that was bound before.</summary>
    void Execute();

    /// <summary>Copies of the outputs of the last <see cref="Execute"/>.</summary>
    HostTensor[] Outputs();

    /// <summary>Where the time goes, and how much of it the machine asks for: the kernel that takes longest first. Null of an engine that does not tell.</summary>
    IReadOnlyList<KernelShare>? Profile() => null;
}

/// <summary>An engine that can be measured.</summary>
/// <param name="Name">What jobs and the command line call it.</param>
/// <param name="Program">The assembly whose executable runs its workers.</param>
/// <param name="Load">Loads a job's model.</param>
internal sealed record Engine(string Name, Assembly Program, Func<Job, HostTensor[], IEngine> Load)
{
    /// <summary>Ways to run it of which now the one and now the other is faster: every model is measured in the one that is fastest for it.</summary>
    public IReadOnlyList<string> Variants { get; init; } = [""];
}

/// <summary>The engines of this program: HybridConv, and its peers after it. A program beside it may have one more.</summary>
internal static class Engines
{
    public const string Ours = "hybridconv", OnnxRuntime = "onnxruntime", Torch = "torch";

    public static IReadOnlyList<Engine> All { get; } =
    [
        new(Ours, typeof(Engines).Assembly, (job, inputs) => new HybridConvEngine(job, inputs)),
        new(OnnxRuntime, typeof(Engines).Assembly, (job, inputs) => new OnnxRuntimeEngine(job, inputs)),
    ];

    /// <summary>The engine that a job names.</summary>
    public static Engine Of(this IReadOnlyList<Engine> engines, Job job) =>
        engines.FirstOrDefault(engine => engine.Name == job.Engine) ?? throw new ArgumentException($"there is no engine '{job.Engine}'");

    /// <summary>The peer that the command line names.</summary>
    /// <exception cref="Tools.UsageException">It is none, or it is in another program.</exception>
    public static Engine Peer(this IReadOnlyList<Engine> engines, string name) =>
        engines.Skip(1).FirstOrDefault(engine => engine.Name == name) ?? throw new Tools.UsageException(name == Torch
            ? "the peer 'torch' is in a program of its own, since its packages take 600 MB: " +
                "dotnet run -c Release --project bench/HybridConv.Compare.Torch -- and the same arguments"
            : $"there is no peer '{name}'; there is {string.Join(", ", engines.Skip(1).Select(engine => engine.Name).Append(Torch).Distinct())}");
}
