using System.Text;
using HybridConv.Cli.Data;
using HybridConv.Tools;
using HybridConv.Tools.Data;
using Xunit;

namespace HybridConv.Tests.Cli;

public sealed class TensorFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hybridconv-").FullName;

    [Theory]
    [InlineData()]
    [InlineData(5L)]
    [InlineData(2L, 3L, 4L)]
    [InlineData(0L, 7L)]
    public void Npy_files_come_back_as_they_were_written(params long[] shape)
    {
        int count = (int)shape.Aggregate(1L, (product, dim) => product * dim);
        RoundTrip(HostTensor.Of<float>("", shape, [.. Enumerable.Range(0, count).Select(i => i - 0.5f)]));
        RoundTrip(HostTensor.Of<long>("", shape, [.. Enumerable.Range(0, count).Select(i => (long)i << 40)]));
        RoundTrip(HostTensor.Of<bool>("", shape, [.. Enumerable.Range(0, count).Select(i => i % 2 == 0)]));
    }

    [Fact]
    public void Npy_header_is_what_numpy_writes()
    {
        string path = Path.Combine(folder, "a.npy");
        NpyFile.Write(path, HostTensor.Of<float>("", [3], [1, 2, 3]));
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(0, (file.Length - 12) % 64);
        Assert.StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", Encoding.ASCII.GetString(file, 10, 118));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "Fortran")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", ">f4")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "holds 4 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }", "(x,)")]
    [InlineData("{}", "array of numbers")]
    public void Npy_files_that_cannot_be_used_are_refused_with_the_reason(string header, string reason)
    {
        byte[] file = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), 0, 0, 0, 0];
        Assert.Contains(reason, Assert.Throws<UsageException>(() => NpyFile.Read(file, "x.npy")).Message);
    }

    [Fact]
    public void Every_cut_of_an_npy_file_is_refused()
    {
        string path = Path.Combine(folder, "a.npy");
        NpyFile.Write(path, HostTensor.Of<float>("", [3], [1, 2, 3]));
        byte[] file = File.ReadAllBytes(path);
        for (int length = 0; length < file.Length; length++)
            Assert.Throws<UsageException>(() => NpyFile.Read(file.AsMemory(0, length), "x.npy"));
    }

    [Fact]
    public void Raw_floats_take_the_declared_shape_and_fill_its_open_axes()
    {
        string path = Path.Combine(folder, "a.bin");
        File.WriteAllBytes(path, new byte[4 * 24]);
        Assert.Equal([2L, 3, 4], TensorFile.Read(path, Info(2, 3, 4)).Shape);
        Assert.Equal([2L, 3, 4], TensorFile.Read(path, Info(-1, 3, 4)).Shape);
        Assert.Equal([1L, 6, 4], TensorFile.Read(path, Info(-1, -1, 4)).Shape);
        Assert.Throws<UsageException>(() => TensorFile.Read(path, Info(2, 3, 5)));
        Assert.Throws<UsageException>(() => TensorFile.Read(path, Info(-1, 5)));
    }

    [Fact]
    public void A_tensor_message_is_read_with_its_name()
    {
        string path = Path.Combine(folder, "a.pb");
        // dims = [2], data_type = FLOAT, name = "x", raw_data = 1, 2
        File.WriteAllBytes(path, [0x08, 2, 0x10, 1, 0x42, 1, (byte)'x', 0x4A, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]);
        HostTensor tensor = TensorFile.ReadProto(path);
        Assert.Equal("x", tensor.Name);
        Assert.Equal([1f, 2f], tensor.Elements<float>().ToArray());
        File.WriteAllBytes(path, [0x08, 2, 0x10, 1, 0x4A, 80, 0, 0]);
        Assert.Throws<ModelFormatException>(() => TensorFile.ReadProto(path));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static TensorInfo Info(params long[] dims) => new("x", ElementType.Float32, [.. dims.Select(dim => dim < 0 ? Dimension.Open() : dim)]);

    private void RoundTrip(HostTensor tensor)
    {
        string path = Path.Combine(folder, "a.npy");
        NpyFile.Write(path, tensor);
        HostTensor read = NpyFile.Read(path);
        Assert.Equal(tensor.Type, read.Type);
        Assert.Equal(tensor.Shape, read.Shape);
        Assert.Equal(tensor.Bytes.ToArray(), read.Bytes.ToArray());
    }
}
