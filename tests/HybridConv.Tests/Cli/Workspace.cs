using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Xunit;

namespace HybridConv.Tests.Cli;

/// <summary>A folder for one test of the command line, with what its commands read.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-");

    public string this[string name] => Path.Combine(folder.FullName, name);

    /// <summary>A classifier of six classes for pictures of 8 x 8 pixels.</summary>
    public string Classifier(string name = "net.onnx")
    {
        var net = new ModelBuilder(seed: 3);
        net.Input("image", 1, 3, 8, 8).Conv(4, kernel: 3).Relu().GlobalAveragePool().Flatten().Dense(6).Softmax().Output("scores");
        using Model model = net.Build();
        return Save(name, model);
    }

    /// <summary>y = relu(x) for four numbers.</summary>
    public string Relu(string name)
    {
        var net = new ModelBuilder();
        net.Input("x", 4).Relu().Output("y");
        using Model model = net.Build();
        return Save(name, model);
    }

    public string Save(string name, Model model)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        model.Save(this[name]);
        return this[name];
    }

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    /// <summary>A TensorProto of float32 numbers: dims, data_type, raw_data.</summary>
    public string WriteProto(string name, params float[] numbers) =>
        Write(name, [0x08, (byte)numbers.Length, 0x10, 1, 0x4A, (byte)(4 * numbers.Length), .. MemoryMarshal.AsBytes<float>(numbers)]);

    /// <summary>A BMP of 24 bits. Its header may declare another size than that of its pixels, which are given as BGR from the bottom row up.</summary>
    public string WriteBmp(string name, int width, int height, params byte[] pixels)
    {
        var file = new byte[54 + pixels.Length];
        Encoding.ASCII.GetBytes("BM").CopyTo(file, 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        file[26] = 1;
        file[28] = 24;
        pixels.CopyTo(file, 54);
        return Write(name, file);
    }

    public static CommandLineTests.Result Run(params string[] arguments) => CommandLineTests.Run(arguments);

    /// <summary>Runs a command that writes JSON to standard output, and expects an exit code.</summary>
    public static JsonElement Json(int exitCode, params string[] arguments)
    {
        CommandLineTests.Result result = CommandLineTests.Run([.. arguments, "--json", "-"]);
        Assert.True(exitCode == result.ExitCode, $"exit code {result.ExitCode}: {result.Error}");
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>Expects a refusal: the exit code, one sentence that contains <paramref name="reason"/>, and no stack trace.</summary>
    public static void Refused(int exitCode, string reason, params string[] arguments)
    {
        CommandLineTests.Result result = CommandLineTests.Run(arguments);
        Assert.Equal(exitCode, result.ExitCode);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => text.StartsWith("hybridconv: ", StringComparison.Ordinal));
        Assert.Contains(reason, line);
        Assert.DoesNotContain("   at ", result.Error);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
