using System.Runtime.InteropServices;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("hybridconv").FullName;
    private readonly string folder;

    public ExternalDataTests()
    {
        folder = Path.Combine(root, "model");
        Directory.CreateDirectory(Path.Combine(folder, "sub"));
        byte[] weights = MemoryMarshal.AsBytes<float>([1, 2, 3, 4]).ToArray();
        File.WriteAllBytes(Path.Combine(folder, "w.bin"), weights);
        File.WriteAllBytes(Path.Combine(folder, "sub", "w.bin"), weights);
        File.WriteAllBytes(Path.Combine(folder, "empty.bin"), []);
        File.WriteAllBytes(Path.Combine(root, "secret.bin"), weights);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private Model Load(long[] dims, params ReadOnlySpan<(string Key, string Value)> entries)
    {
        string path = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(path, new OnnxFile().Output("y", ElementType.Float32).Initializer(OnnxFile.ExternalTensor("w", dims, entries)).Node("Identity", ["w"], ["y"]).ToArray());
        return Model.Load(path);
    }

    [Theory]
    [InlineData("w.bin")]
    [InlineData("./w.bin")]
    [InlineData("sub/w.bin")]
    public void Data_in_the_folder_is_read(string location)
    {
        using Model model = Load([2, 1], ("location", location), ("offset", "4"), ("length", "8"), ("checksum", "0"));
        Assert.Equal([2, 3], model.Record.Initializers["w"].ToArray<float>());
    }

    [Fact]
    public void Offset_and_length_have_defaults()
    {
        using Model model = Load([4], ("location", "w.bin"));
        Assert.Equal([1, 2, 3, 4], model.Record.Initializers["w"].ToArray<float>());
        using Model none = Load([0], ("location", "empty.bin"));
        Assert.Empty(none.Record.Initializers["w"].ToArray<float>());
    }

    [Fact]
    public void Data_is_gone_when_the_model_is_disposed()
    {
        Model model = Load([4], ("location", "w.bin"));
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Record.Initializers["w"].Data);
    }

    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("sub/../../secret.bin")]
    [InlineData("sub/../w.bin")]
    [InlineData("..")]
    [InlineData("..\\secret.bin")]
    [InlineData("sub\\..\\..\\secret.bin")]
    [InlineData("sub/..\\..\\secret.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("//server/share/w.bin")]
    [InlineData("\\\\server\\share\\w.bin")]
    [InlineData("C:\\w.bin")]
    [InlineData("C:w.bin")]
    [InlineData("file:///etc/passwd")]
    [InlineData("w.bin\0.txt")]
    [InlineData("sub//w.bin")]
    [InlineData("w.bin/")]
    [InlineData("")]
    [InlineData("missing.bin")]
    [InlineData("sub")]
    [InlineData(".")]
    public void Locations_outside_the_folder_are_refused(string location) => Refused([4], ("location", location));

    [Fact]
    public void The_full_path_of_a_file_in_the_folder_is_refused_too() => Refused([4], ("location", Path.Combine(folder, "w.bin")));

    [Fact]
    public void Symbolic_links_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        File.CreateSymbolicLink(Path.Combine(folder, "link.bin"), Path.Combine(root, "secret.bin"));
        File.CreateSymbolicLink(Path.Combine(folder, "inner.bin"), Path.Combine(folder, "w.bin"));
        File.CreateSymbolicLink(Path.Combine(folder, "dangling.bin"), Path.Combine(root, "nowhere"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "out"), root);
        foreach (string location in new[] { "link.bin", "inner.bin", "dangling.bin", "out/secret.bin", "out/model/w.bin" })
            Assert.Contains("symbolic link", Refused([4], ("location", location)).Message);
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "1")]
    [InlineData("offset", "9223372036854775807")]
    [InlineData("offset", "9223372036854775800")]
    [InlineData("offset", "18446744073709551615")]
    [InlineData("offset", "4 ")]
    [InlineData("offset", "0x4")]
    [InlineData("offset", "")]
    [InlineData("length", "-16")]
    [InlineData("length", "15")]
    [InlineData("length", "17")]
    [InlineData("length", "9223372036854775807")]
    [InlineData("length", "99999999999999999999")]
    [InlineData("location", "w.bin")]
    [InlineData("password", "1")]
    [InlineData("Offset", "0")]
    public void Entries_that_make_no_sense_are_refused(string key, string value) => Refused([4], ("location", "w.bin"), (key, value));

    [Fact]
    public void A_file_that_is_too_short_is_refused_without_reading_it()
    {
        Assert.Contains("of 16 bytes", Refused([5], ("location", "w.bin")).Message);
        Assert.Contains("of 0 bytes", Refused([1], ("location", "empty.bin")).Message);
        Assert.Contains("of 16 bytes", Refused([1 << 28], ("location", "w.bin"), ("length", (1L << 30).ToString(System.Globalization.CultureInfo.InvariantCulture))).Message);
    }

    [Fact]
    public void A_tensor_without_a_location_is_refused() => Refused([4]);

    private ModelFormatException Refused(long[] dims, params (string Key, string Value)[] entries)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Load(dims, entries));
        Assert.Equal((ErrorCode.ExternalData, "initializer 'w'"), (e.Code, e.Location));
        return e;
    }
}
