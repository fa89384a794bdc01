using HybridConv.Graphs;
using HybridConv.Testing;
using Microsoft.Extensions.Logging;
using Xunit;

namespace HybridConv.Tests;

public sealed class ModelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hybridconv").FullName;

    private static byte[] Small() => new OnnxFile { Opset = 15, IrVersion = 7 }
        .Input("x", ElementType.Float32, -1, 2).Output("y", ElementType.Float32, -1, 2).Floats("w", [2], [1, 2]).Node("Add", ["x", "w"], ["y"]).ToArray();

    private string WriteSmall()
    {
        string path = Path.Combine(folder, "small.onnx");
        File.WriteAllBytes(path, Small());
        return path;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_model_says_what_it_is()
    {
        using Model model = Model.Load(Small());
        Assert.Equal(("graph", "tests", 15L, 7L), (model.Name, model.Producer, model.OpsetVersion, model.IrVersion));
        Assert.Equal(["x: float32[?,2]"], model.Inputs.Select(input => input.ToString()));
        Assert.Equal(["y: float32[?,2]"], model.Outputs.Select(output => output.ToString()));
    }

    [Fact]
    public void Files_streams_and_memory_give_the_same_model()
    {
        using var stream = new MemoryStream([0xFF, .. Small()]) { Position = 1 };
        using var unseekable = new Unseekable(Small());
        using Model a = Model.Load(WriteSmall()), b = Model.Load(stream), c = Model.Load(unseekable), d = Model.Load(Small());
        foreach (Model model in new[] { a, b, c, d })
            Assert.Equal([1, 2], model.Record.Initializers["w"].ToArray<float>());
    }

    [Fact]
    public void Weights_are_gone_when_the_model_is_disposed()
    {
        Model mapped = Model.Load(WriteSmall()), resident = Model.Load(Small());
        ReadOnlyMemory<byte> before = mapped.Record.Initializers["w"].Data;
        foreach (Model model in new[] { mapped, resident })
        {
            model.Dispose();
            model.Dispose();
            Assert.Throws<ObjectDisposedException>(() => model.Record.Initializers["w"].Data);
            Assert.Throws<ObjectDisposedException>(() => model.Save(new MemoryStream()));
        }
        Assert.Equal(8, before.ToArray().Length);
    }

    [Fact]
    public async Task Disposal_while_others_read_gives_data_or_an_error()
    {
        for (int round = 0; round < 20; round++)
        {
            Model model = Model.Load(WriteSmall());
            Tensor tensor = model.Record.Initializers["w"];
            Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                try
                {
                    while (true)
                        Assert.Equal([1, 2], tensor.ToArray<float>());
                }
                catch (ObjectDisposedException)
                {
                    // The expected end.
                }
            }, TestContext.Current.CancellationToken))];
            model.Dispose();
            await Task.WhenAll(readers);
        }
    }

    [Fact]
    public void Models_over_the_limit_are_refused()
    {
        var small = new ModelOptions { MaxModelBytes = Small().Length - 1 };
        string path = WriteSmall();
        Assert.Throws<ResourceLimitException>(() => Model.Load(path, small));
        Assert.Throws<ResourceLimitException>(() => Model.Load(Small(), small));
        Assert.Throws<ResourceLimitException>(() => Model.Load(new MemoryStream(Small()), small));
        Assert.Throws<ResourceLimitException>(() => Model.Load(new Unseekable(Small()), small));
    }

    [Fact]
    public void A_failed_load_leaves_the_file_free()
    {
        string path = Path.Combine(folder, "bad.onnx");
        File.WriteAllBytes(path, [8, 8, 8]);
        Assert.Throws<ModelFormatException>(() => Model.Load(path));
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Fact]
    public void Empty_files_are_refused()
    {
        string path = Path.Combine(folder, "empty.onnx");
        File.WriteAllBytes(path, []);
        Assert.Equal("empty.onnx: is empty", Assert.Throws<ModelFormatException>(() => Model.Load(path)).Message);
        Assert.Throws<ModelFormatException>(() => Model.Load(ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public void Missing_files_are_the_systems_own_error()
    {
        Assert.Throws<FileNotFoundException>(() => Model.Load(Path.Combine(folder, "missing.onnx")));
        Assert.Throws<ArgumentException>(() => Model.Load(""));
        Assert.Throws<ArgumentNullException>(() => Model.Load((Stream)null!));
    }

    [Fact]
    public void A_model_may_be_saved_over_the_file_it_is_read_from()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace files that are mapped.");
        string path = WriteSmall();
        using (Model model = Model.Load(path))
            model.Save(path);
        using Model again = Model.Load(path);
        Assert.Equal([1, 2], again.Record.Initializers["w"].ToArray<float>());
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_failed_save_leaves_nothing()
    {
        Model model = Model.Load(WriteSmall());
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Save(Path.Combine(folder, "new.onnx")));
        Assert.Equal(["small.onnx"], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Loading_is_logged()
    {
        using var log = new Recorder();
        using Model model = Model.Load(Small(), new ModelOptions { LoggerFactory = log });
        Assert.Equal(["Loaded the model: IR 7, opset 15, 1 nodes, 1 initializers."], log.Messages);
    }

    private sealed class Recorder : ILoggerFactory, ILogger
    {
        public List<string> Messages { get; } = [];
        public ILogger CreateLogger(string categoryName) => this;
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Messages.Add(formatter(state, exception));
        public void Dispose()
        {
        }
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override int Read(Span<byte> buffer) => base.Read(buffer.Length > 7 ? buffer[..7] : buffer);
    }
}
