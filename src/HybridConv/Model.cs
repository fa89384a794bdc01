using System.Diagnostics;
using HybridConv.Graphs;
using HybridConv.Onnx;
using HybridConv.Tracing;

namespace HybridConv;

/// <summary>
/// A network as read from a file or built in code. It holds the weights, in the file where possible, until it is disposed;
/// compile it to run it. Thread-safe.
/// </summary>
public sealed partial class Model : IDisposable
{
    private readonly ModelBytes? bytes;
    private readonly ExternalData? external;

    private Model(ModelRecord record, ModelBytes? bytes = null, ExternalData? external = null)
    {
        this.bytes = bytes;
        this.external = external;
        Record = record;
        Graph = GraphReader.Read(record);
        HashSet<string> inputs = [.. Graph.Inputs.Select(input => input.Name)];
        Inputs = [.. record.Inputs.Where(input => inputs.Contains(input.Name))];
    }

    /// <summary>What the caller has to give, in the model's order. Initializers that a model lists among its inputs are constants, and not here.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>What the model gives, in its order.</summary>
    public IReadOnlyList<TensorInfo> Outputs => Record.Outputs;

    /// <summary>The graph's name; may be empty.</summary>
    public string Name => Record.Name;

    /// <summary>The program that wrote the model, with its version; may be empty.</summary>
    public string Producer => $"{Record.Producer} {Record.ProducerVersion}".Trim();

    /// <summary>The version of ONNX's operators that the model imports.</summary>
    public long OpsetVersion => Record.OpsetOf("");

    /// <summary>The version of the ONNX file format in which the model is written.</summary>
    public long IrVersion => Record.IrVersion;

    /// <summary>The network as read. Nobody changes it: passes work on clones.</summary>
    internal Graph Graph { get; }

    internal ModelRecord Record { get; }

    /// <summary>Reads an ONNX file, and its external data where it has some. The file stays open and mapped until the model is disposed.</summary>
    /// <exception cref="ModelFormatException">The file is not an ONNX model, or is damaged, or its graph is not well formed.</exception>
    /// <exception cref="UnsupportedModelException">Names every node that this version cannot run.</exception>
    /// <exception cref="ResourceLimitException">A limit of <paramref name="options"/> would be exceeded.</exception>
    public static Model Load(string path, ModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ModelOptions();
        string name = Path.GetFileName(path);
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (!file.CanSeek || file.Length == 0)
            using (file)
                return Load(Resident(file, name, options), ExternalData.None(), name, options);
        return Load(ModelBytes.Map(file), new ExternalData(Path.GetDirectoryName(Path.GetFullPath(path))), name, options);
    }

    /// <summary>Reads an ONNX model from a stream, from its position to its end. Such a model has no folder and so no external data.</summary>
    /// <inheritdoc cref="Load(string, ModelOptions?)"/>
    public static Model Load(Stream stream, ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new ModelOptions();
        return Load(Resident(stream, "the stream", options), ExternalData.None(), "the stream", options);
    }

    /// <summary>Reads an ONNX model from memory, which must not change while the model lives. Such a model has no folder and so no external data.</summary>
    /// <inheritdoc cref="Load(string, ModelOptions?)"/>
    public static Model Load(ReadOnlyMemory<byte> model, ModelOptions? options = null) =>
        Load(ModelBytes.Of(model), ExternalData.None(), "the model", options ?? new ModelOptions());

    /// <summary>
    /// Writes the network as one ONNX file, weights inside. The file appears complete or not at all, so a model may be saved over the one it was loaded from.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path), partial = $"{full}.{Path.GetRandomFileName()}";
        try
        {
            using (FileStream file = new(partial, FileMode.CreateNew, FileAccess.Write))
                OnnxWriter.Write(Record, file);
            File.Move(partial, full, overwrite: true);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // What the runtime makes of a file that would grow beyond what the system allows.
            File.Delete(partial);
            throw new IOException($"'{full}' cannot be written: {e.Message}", e);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Writes the network as ONNX, weights inside.</summary>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        OnnxWriter.Write(Record, stream);
    }

    /// <summary>A model built in code.</summary>
    internal static Model Of(ModelRecord record) => new(record);

    private static Model Load(ModelBytes bytes, ExternalData external, string source, ModelOptions options)
    {
        try
        {
            using Activity? activity = Telemetry.StartLoad(source);
            var model = new Model(OnnxReader.Read(bytes, external, source, options), bytes, external);
            Telemetry.Loaded(options.LoggerFactory, source, model);
            return model;
        }
        catch
        {
            bytes.Dispose();
            external.Dispose();
            throw;
        }
    }

    private static ModelBytes Resident(Stream stream, string source, ModelOptions options)
    {
        long most = Math.Min(options.MaxModelBytes, Array.MaxLength);
        long known = stream.CanSeek ? stream.Length - stream.Position : 0;
        if (known > most)
            throw new ResourceLimitException($"{source} has {known} bytes, over the limit of {most}");
        using var memory = new MemoryStream((int)Math.Max(0, known));
        var chunk = new byte[1 << 16];
        for (int count; (count = stream.Read(chunk)) > 0; memory.Write(chunk, 0, count))
            if (memory.Length + count > most)
                throw new ResourceLimitException($"{source} has more than the limit of {most} bytes");
        return ModelBytes.Of(memory.GetBuffer().AsMemory(0, (int)memory.Length));
    }

    /// <summary>
    /// Releases the model's file. Sessions go on running what they have planned; to plan for other shapes they need the model, and get an <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        bytes?.Dispose();
        external?.Dispose();
    }
}
