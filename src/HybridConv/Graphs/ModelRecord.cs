using HybridConv.Ops;

namespace HybridConv.Graphs;

/// <summary>A version of one domain's operators that a model imports; the domain is empty for ONNX's own.</summary>
internal readonly record struct OpsetImport(string Domain, long Version);

/// <summary>What a model says, independent of the format of its file and before anything is made of it.</summary>
internal sealed record ModelRecord
{
    public string Name { get; init; } = "";
    public string Producer { get; init; } = "";
    public string ProducerVersion { get; init; } = "";
    public long IrVersion { get; init; }
    public required IReadOnlyList<OpsetImport> Opsets { get; init; }

    /// <summary>As declared; older models also list their initializers here.</summary>
    public required IReadOnlyList<TensorInfo> Inputs { get; init; }
    public required IReadOnlyList<TensorInfo> Outputs { get; init; }

    /// <summary>In the order of the file, which need not be an order in which they can run.</summary>
    public required IReadOnlyList<NodeRecord> Nodes { get; init; }

    /// <summary>Constants by the name of the value that they give.</summary>
    public required OrderedDictionary<string, Tensor> Initializers { get; init; }

    /// <summary>Names of values that the model defines in a way that cannot be read, each with a sentence; they matter only if something uses them.</summary>
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();

    /// <summary>Functions that the model defines itself, by domain and name.</summary>
    public IReadOnlyList<(string Domain, string Name)> Functions { get; init; } = [];

    /// <summary>The version of a domain's operators; 0 when the model does not import it.</summary>
    public long OpsetOf(string domain)
    {
        long version = 0;
        foreach (OpsetImport import in Opsets)
            if (import.Domain == domain)
                version = Math.Max(version, import.Version);
        return version;
    }
}
