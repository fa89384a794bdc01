using HybridConv.Cli.Data;

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
}

/// <summary>The engines by the names that jobs call them.</summary>
internal static class Engines
{
    public const string Ours = "hybridconv", OnnxRuntime = "onnxruntime";

    public static IEngine Load(Job job, HostTensor[] inputs) => job.Engine switch
    {
        Ours => new HybridConvEngine(job, inputs),
        OnnxRuntime => new OnnxRuntimeEngine(job, inputs),
        var name => throw new ArgumentException($"there is no engine '{name}'"),
    };
}
