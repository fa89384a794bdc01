using System.Diagnostics;
using HybridConv.Testing;
using Xunit;
using static HybridConv.ElementType;

namespace HybridConv.Tests;

/// <summary>
/// Models that nobody should write, through the whole engine: load, compile, run. Each ends in a typed exception with a sentence or in a right answer;
/// never in another exception, a crash, a hang, or memory beyond the limits. Memory is that of the process: nothing else runs meanwhile.
/// </summary>
[CollectionDefinition(nameof(HostileModelTests), DisableParallelization = true)]
[Collection(nameof(HostileModelTests))]
public class HostileModelTests
{
    private static readonly SessionOptions Small = new() { Threads = 1, MaxTensorBytes = 1 << 24, MaxTotalBytes = 1 << 26 };

    private static void LoadAndRun(byte[] file, SessionOptions? options = null)
    {
        using Model model = Model.Load(file, new ModelOptions { MaxTensorBytes = 1 << 26 });
        using Session session = model.Compile(options ?? Small);
        using Run run = session.CreateRun();
        run.Execute();
    }

    /// <summary>The file is refused with a typed exception whose message holds every one of the given words, and takes little memory and time.</summary>
    private static void Refused<TException>(OnnxFile file, params string[] words) where TException : HybridConvException => Refused<TException>(file.ToArray(), words);

    private static void Refused<TException>(byte[] file, params string[] words) where TException : HybridConvException
    {
        long before = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        HybridConvException error = Assert.ThrowsAny<HybridConvException>(() => LoadAndRun(file));
        Assert.IsType<TException>(error);
        foreach (string word in words)
            Assert.Contains(word, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 1 << 28);
    }

    private static OnnxFile Image(string op, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        new OnnxFile().Input("x", Float32, 1, 4, 8, 8).Output("y", Float32).Node(op, ["x"], ["y"], attributes);

    private static OnnxFile Convolution(long[] weights, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Convolution([1, 4, 8, 8], weights, attributes);

    private static OnnxFile Convolution(long[] image, long[] weights, ReadOnlySpan<(string Name, object Value)> attributes) =>
        new OnnxFile().Input("x", Float32, image).Output("y", Float32)
            .Floats("w", weights, new float[weights.Aggregate(1L, (a, b) => a * b)]).Node("Conv", ["x", "w"], ["y"], attributes);

    [Fact]
    public void Convolution_whose_weights_have_more_axes_than_its_image() => Refused<ShapeException>(Convolution([4, 4, 1, 1, 1]), "rank");

    [Fact]
    public void Convolution_whose_weights_have_fewer_axes_than_its_image() => Refused<ShapeException>(Convolution([4, 4, 1]), "rank");

    [Fact]
    public void Convolution_of_a_vector() => Refused<ShapeException>(Convolution([1, 4], [4, 4], []), "rank");

    [Theory]
    [InlineData("strides", new long[] { 0, 1 })]
    [InlineData("strides", new long[] { 1, -1 })]
    [InlineData("strides", new long[] { 1 })]
    [InlineData("strides", new long[] { 1, 1, 1 })]
    [InlineData("dilations", new long[] { 0, 1 })]
    [InlineData("dilations", new long[] { 1, 1, 1, 1 })]
    [InlineData("dilations", new long[] { long.MaxValue, 1 })]
    [InlineData("pads", new long[] { 1, 1 })]
    [InlineData("pads", new long[] { 1, 1, 1, 1, 1 })]
    [InlineData("pads", new long[] { -1, 0, 0, 0 })]
    [InlineData("pads", new long[] { long.MaxValue, 0, long.MaxValue, 0 })]
    [InlineData("kernel_shape", new long[] { 5, 5 })]
    [InlineData("kernel_shape", new long[] { 3 })]
    public void Convolution_with_wrong_attributes(string attribute, long[] values) => Refused<ShapeException>(Convolution([4, 4, 3, 3], (attribute, values)), "Conv");

    [Theory]
    [InlineData(0), InlineData(-1), InlineData(3), InlineData(8), InlineData(long.MaxValue), InlineData(4294967297)]
    public void Convolution_with_a_wrong_group(long group) => Refused<ShapeException>(Convolution([4, 4, 1, 1], ("group", group)), "group");

    private static OnnxFile Strided(long stride) =>
        new OnnxFile().Input("x", Float32, 1, 1, 1, 9).Output("y", Float32).Floats("w", [1, 1, 1, 1], [2]).Node("Conv", ["x", "w"], ["y"], ("strides", new[] { 1, stride }));

    [Theory]
    [InlineData(4294967297L), InlineData(long.MaxValue)]
    public void A_stride_beyond_32_bits_is_refused(long stride) => Refused<ShapeException>(Strided(stride), "strides", $"{stride}");

    [Fact]
    public void A_stride_is_not_cut_to_16_bits()
    {
        using Model model = Model.Load(Strided(65537).ToArray());
        using Session session = model.Compile(Small);
        Assert.Equal([2f], session.Run([1, 2, 3, 4, 5, 6, 7, 8, 9]));
    }

    [Theory]
    [InlineData("MaxPool", "kernel_shape", new long[] { 65536, 65536 })]
    [InlineData("MaxPool", "kernel_shape", new long[] { 0, 1 })]
    [InlineData("MaxPool", "kernel_shape", new long[] { 4294967296, 4294967296 })]
    [InlineData("AveragePool", "kernel_shape", new long[] { long.MaxValue, long.MaxValue })]
    [InlineData("AveragePool", "kernel_shape", new long[] { -1, 2 })]
    [InlineData("AveragePool", "kernel_shape", new long[] { 2 })]
    public void Pool_with_an_impossible_window(string op, string attribute, long[] values) => Refused<ShapeException>(Image(op, (attribute, values)), op);

    [Fact]
    public void Pool_whose_pads_make_the_output_enormous() =>
        Refused<ResourceLimitException>(Image("MaxPool", ("kernel_shape", new long[] { 65536, 65536 }), ("pads", new long[] { 65535, 65535, 65535, 65535 })));

    [Fact]
    public void Filter_whose_size_wraps_around() => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 1, 1, 8, 8).Output("y", Float32).Initializer(OnnxFile.Tensor("w", Float32, [1L << 32, 1, 65536, 65536], [])).Node("Conv", ["x", "w"], ["y"]), "w");

    [Theory]
    [InlineData(1L << 40)]
    [InlineData(long.MaxValue)]
    public void Transposed_convolution_with_an_enormous_output(long stride)
    {
        var file = new OnnxFile().Input("x", Float32, 1, 1, 8, 8).Output("y", Float32).Floats("w", [1, 1, 1, 1], [1]).Node("ConvTranspose", ["x", "w"], ["y"], ("strides", new[] { stride, stride }));
        HybridConvException error = Assert.ThrowsAny<HybridConvException>(() => LoadAndRun(file.ToArray()));
        Assert.True(error is ShapeException or ResourceLimitException, error.ToString());
    }

    [Fact]
    public void Expand_to_more_than_the_limit() => Refused<ResourceLimitException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Longs("shape", 1 << 20, 1 << 20).Node("Expand", ["x", "shape"], ["y"]), "MaxTensorBytes");

    [Fact]
    public void Expand_to_more_than_any_number() => Refused<ShapeException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Longs("shape", 1L << 40, 1L << 40).Node("Expand", ["x", "shape"], ["y"]));

    [Fact]
    public void Expand_whose_broadcast_wraps_around() => Refused<ShapeException>(
        new OnnxFile().Input("x", Float32, 1 << 20, 1, 1).Output("y", Float32).Longs("shape", 1, 1 << 30, 1 << 30).Node("Expand", ["x", "shape"], ["y"]));

    [Fact]
    public void Where_whose_broadcast_wraps_around() => Refused<ShapeException>(
        new OnnxFile().Input("c", Bool, 1 << 22, 1, 1).Input("a", Float32, 1, 1 << 22, 1).Input("b", Float32, 1, 1, 1 << 22).Output("y", Float32)
            .Node("Where", ["c", "a", "b"], ["y"]));

    [Fact]
    public void Where_of_more_than_the_limit() => Refused<ResourceLimitException>(
        new OnnxFile().Input("c", Bool, 1 << 20, 1).Input("a", Float32, 1, 1 << 20).Input("b", Float32, 1).Output("y", Float32)
            .Node("Where", ["c", "a", "b"], ["y"]), "MaxTensorBytes");

    [Fact]
    public void A_constant_that_unfolds_is_not_folded() => Refused<ResourceLimitException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Longs("shape", 1 << 30).Node("ConstantOfShape", ["shape"], ["c"]).Node("Add", ["x", "c"], ["y"]));

    [Fact]
    public void A_range_that_unfolds_is_not_folded() => Refused<ResourceLimitException>(
        new OnnxFile().Input("x", ElementType.Int64, 1).Output("y", ElementType.Int64).Longs("start", 0).Longs("limit", int.MaxValue).Longs("step", 1)
            .Node("Range", ["start", "limit", "step"], ["r"]).Node("Add", ["x", "r"], ["y"]), "MaxTensorBytes");

    [Fact]
    public void A_chain_that_doubles_is_stopped()
    {
        OnnxFile file = new OnnxFile().Input("x", Float32, 1, 16).Output("y", Float32);
        for (int i = 0; i < 60; i++)
            file.Node("Concat", [i == 0 ? "x" : $"v{i}", i == 0 ? "x" : $"v{i}"], [i == 59 ? "y" : $"v{i + 1}"], ("axis", 1L));
        Refused<ResourceLimitException>(file);
    }

    [Theory]
    [InlineData(1e9f), InlineData(float.NaN), InlineData(float.PositiveInfinity), InlineData(-1f), InlineData(0f)]
    public void Resize_by_a_wild_factor(float scale)
    {
        OnnxFile file = new OnnxFile().Input("x", Float32, 1, 1, 4, 4).Output("y", Float32).Floats("s", [4], [1, 1, scale, scale]).Node("Resize", ["x", "", "s"], ["y"]);
        HybridConvException error = Assert.ThrowsAny<HybridConvException>(() => LoadAndRun(file.ToArray()));
        Assert.True(error is ShapeException or ResourceLimitException or UnsupportedModelException, error.ToString());
    }

    [Theory]
    [InlineData(1L << 40), InlineData(long.MaxValue), InlineData(long.MinValue), InlineData(-100L)]
    public void Pad_by_a_wild_amount(long amount)
    {
        OnnxFile file = new OnnxFile().Input("x", Float32, 4, 4).Output("y", Float32).Longs("p", 0, amount, 0, amount).Node("Pad", ["x", "p"], ["y"]);
        HybridConvException error = Assert.ThrowsAny<HybridConvException>(() => LoadAndRun(file.ToArray()));
        Assert.True(error is ShapeException or ResourceLimitException or UnsupportedModelException, error.ToString());
    }

    [Theory]
    [InlineData(4L), InlineData(-5L), InlineData(long.MaxValue), InlineData(long.MinValue), InlineData(4294967296L)]
    public void Gather_outside_its_data(long index) => Refused<ShapeException>(
        new OnnxFile().Input("x", Float32, 4, 2).Output("y", Float32).Longs("i", index).Node("Gather", ["x", "i"], ["y"]), $"{index}");

    [Theory]
    [InlineData("Reshape"), InlineData("Unsqueeze"), InlineData("Pad"), InlineData("Slice"), InlineData("Resize")]
    public void Parameters_that_are_listed_but_absent(string op)
    {
        byte[] file = new OnnxFile().Input("x", Float32, 4, 2).Output("y", Float32).Node(op, ["x", ""], ["y"]).ToArray();
        Assert.Contains(op, Assert.ThrowsAny<HybridConvException>(() => LoadAndRun(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pad"), InlineData("Slice")]
    public void Parameters_that_are_absent_before_others(string op) => Refused<ShapeException>(
        new OnnxFile().Input("x", Float32, 4, 2).Output("y", Float32).Longs("p", 1).Node(op, op == "Pad" ? ["x", "", "", "p"] : ["x", "", "p"], ["y"]), op);

    [Fact]
    public void Resize_to_nothing_by_an_infinitely_wide_filter()
    {
        using Model model = Model.Load(new OnnxFile { Opset = 19 }.Input("x", Float32, 1, 1, 4, 4).Output("y", Float32).Longs("s", 1, 1, 0, 4)
            .Node("Resize", ["x", "", "", "s"], ["y"], ("mode", "linear"), ("antialias", 1L)).ToArray());
        using Session session = model.Compile(Small);
        Assert.Empty(session.Run(new float[16]));
    }

    [Fact]
    public void A_batch_of_products_without_columns_is_empty()
    {
        using Model model = Model.Load(new OnnxFile().Input("x", Float32, 4).Output("y", Float32).Initializer(OnnxFile.Tensor("w", Float32, [2, 4, 0], [])).Node("MatMul", ["x", "w"], ["y"]).ToArray());
        using Session session = model.Compile(Small);
        Assert.Empty(session.Run(new float[4]));
    }

    [Fact]
    public void Convolutions_of_no_images_give_none()
    {
        byte[] file = new OnnxFile().Input("x", Float32, 0, 4, 5, 5).Output("y", Float32)
            .Floats("p", [8, 4, 1, 1], new float[32]).Floats("d", [8, 1, 3, 3], new float[72]).Node("Conv", ["x", "p"], ["a"]).Node("Relu", ["a"], ["b"])
            .Node("Conv", ["b", "d"], ["y"], ("group", 8L)).ToArray();
        using Model model = Model.Load(file);
        using Session session = model.Compile(Small);
        Assert.Empty(session.Run([]));
    }

    [Fact]
    public void A_circle_of_nodes() => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Node("Add", ["x", "b"], ["a"]).Node("Relu", ["a"], ["b"]).Node("Relu", ["b"], ["y"]), "cycle");

    [Fact]
    public void A_node_that_reads_itself() => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Node("Add", ["x", "y"], ["y"]), "cycle");

    [Fact]
    public void A_value_that_nobody_defines() => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Node("Add", ["x", "missing"], ["y"]), "missing");

    [Fact]
    public void A_value_that_is_defined_twice() => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Node("Relu", ["x"], ["y"]).Node("Neg", ["x"], ["y"]), "'y'");

    [Fact]
    public void An_output_that_nobody_defines() => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 1).Output("z", Float32).Node("Relu", ["x"], ["y"]), "'z'");

    [Fact]
    public void Nodes_in_any_order_are_sorted() => LoadAndRun(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Node("Relu", ["b"], ["y"]).Node("Neg", ["x"], ["b"]).ToArray());

    [Fact]
    public void A_value_named_as_an_output_that_is_not_asked_for() => LoadAndRun(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Node("Dropout", ["x"], ["a", ""]).Node("Relu", ["a"], ["a:1"]).Node("Neg", ["a:1"], ["y"]).ToArray());

    [Fact]
    public void A_chain_of_a_million_nodes_overflows_no_stack()
    {
        const int Length = 1_000_000;
        OnnxFile file = new OnnxFile().Input("x", Float32, 1).Output($"v{Length}", Float32);
        for (int i = 0; i < Length; i++)
            file.Node("Neg", [i == 0 ? "x" : $"v{i}"], [$"v{i + 1}"]);
        byte[] bytes = file.ToArray();

        Exception? failure = null;
        var watch = Stopwatch.StartNew();
        var narrow = new Thread(() => failure = Record.Exception(() =>
        {
            using Model model = Model.Load(bytes);
            Assert.Single(model.Inputs);
        }), maxStackSize: 256 << 10);
        narrow.Start();
        narrow.Join();
        Assert.Null(failure);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(90), $"loading took {watch.Elapsed}");
    }

    [Fact]
    public void A_long_chain_compiles_and_runs_on_a_narrow_stack()
    {
        const int Length = 50_000;
        OnnxFile file = new OnnxFile().Input("x", Float32, 1).Output($"v{Length}", Float32);
        for (int i = 0; i < Length; i++)
            file.Node("Neg", [i == 0 ? "x" : $"v{i}"], [$"v{i + 1}"]);
        byte[] bytes = file.ToArray();

        Exception? failure = null;
        var narrow = new Thread(() => failure = Record.Exception(() =>
        {
            using Model model = Model.Load(bytes);
            using Session session = model.Compile(new SessionOptions { Threads = 1 });
            Assert.Equal([3f], session.Run([3f]));
        }), maxStackSize: 256 << 10);
        narrow.Start();
        narrow.Join();
        Assert.Null(failure);
    }

    [Fact]
    public void Messages_nested_without_end()
    {
        var nested = new WireMessage();
        for (int i = 0; i < 2_000; i++)
            nested = new WireMessage().Message(6, new WireMessage().Message(1, new WireMessage().Message(5, nested)));
        byte[] file = new WireMessage().Varint(1, 8).Message(7, new WireMessage().Message(1, new WireMessage().Text(4, "If").Message(5, nested))).ToArray();
        Assert.ThrowsAny<HybridConvException>(() => LoadAndRun(file));
    }

    [Fact]
    public void Groups_nested_without_end()
    {
        var file = new WireMessage();
        for (int i = 0; i < 100_000; i++)
            file.Tag(99, 3);
        Refused<ModelFormatException>(file.ToArray());
    }

    [Theory]
    [InlineData(new long[] { 1L << 32, 1L << 32 })]
    [InlineData(new long[] { long.MaxValue, 2 })]
    [InlineData(new long[] { -1, 4 })]
    [InlineData(new long[] { 3 })]
    [InlineData(new long[] { 5 })]
    [InlineData(new long[] { 1L << 62, 4, 1 })]
    public void Weights_whose_shape_does_not_match_their_bytes(long[] dims) => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 4).Output("y", Float32).Initializer(OnnxFile.Tensor("w", Float32, dims, new byte[16])).Node("Add", ["x", "w"], ["y"]), "w");

    [Fact]
    public void Weights_in_two_forms_at_once() => Refused<ModelFormatException>(
        new OnnxFile().Input("x", Float32, 1).Output("y", Float32)
            .Initializer(OnnxFile.Tensor("w", Float32, [1], new byte[4]).Fixed32(4, 1)).Node("Add", ["x", "w"], ["y"]), "w");

    [Theory]
    [InlineData(0), InlineData(8), InlineData(14), InlineData(22), InlineData(999), InlineData(-1)]
    public void Weights_of_a_type_that_cannot_be_read(int type)
    {
        OnnxFile file = new OnnxFile().Input("x", Float32, 1).Output("y", Float32).Initializer(OnnxFile.TensorHead("w", type, 3).Bytes(9, new byte[2])).Node("Add", ["x", "w"], ["y"]);
        HybridConvException error = Assert.ThrowsAny<HybridConvException>(() => LoadAndRun(file.ToArray()));
        Assert.True(error is ModelFormatException or UnsupportedModelException, error.ToString());
    }

    public static TheoryData<string, (string Key, string Value)[]> ExternalEntries => new()
    {
        { "negative offset", [("location", "w.bin"), ("offset", "-4")] },
        { "huge offset", [("location", "w.bin"), ("offset", "9223372036854775807")] },
        { "offset that is no number", [("location", "w.bin"), ("offset", "1e3")] },
        { "offset beyond 64 bits", [("location", "w.bin"), ("offset", "99999999999999999999")] },
        { "negative length", [("location", "w.bin"), ("length", "-16")] },
        { "huge length", [("location", "w.bin"), ("length", "9223372036854775807")] },
        { "offset and length that wrap around", [("location", "w.bin"), ("offset", "9223372036854775800"), ("length", "16")] },
        { "data beyond the end", [("location", "w.bin"), ("offset", "4"), ("length", "16")] },
        { "unknown key", [("location", "w.bin"), ("basepath", "/")] },
        { "key given twice", [("location", "w.bin"), ("offset", "0"), ("offset", "0")] },
        { "no location", [("offset", "0")] },
        { "missing file", [("location", "other.bin")] },
        { "folder above", [("location", "../w.bin")] },
        { "folder above, inside", [("location", "a/../../w.bin")] },
        { "absolute path", [("location", "/etc/passwd")] },
        { "backslashes", [("location", "..\\w.bin")] },
        { "drive", [("location", "C:w.bin")] },
        { "NUL", [("location", "w.bin\0.txt")] },
    };

    [Theory]
    [MemberData(nameof(ExternalEntries))]
    public void External_data_that_is_not_where_it_may_be(string what, (string Key, string Value)[] entries)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv");
        try
        {
            string path = Path.Combine(folder.FullName, "model.onnx");
            File.WriteAllBytes(Path.Combine(folder.FullName, "w.bin"), new byte[16]);
            File.WriteAllBytes(path, new OnnxFile().Input("x", Float32, 4).Output("y", Float32).Initializer(OnnxFile.ExternalTensor("w", [4], entries)).Node("Add", ["x", "w"], ["y"]).ToArray());
            var error = Assert.Throws<ModelFormatException>(() => Model.Load(path).Dispose());
            Assert.True(error.Code == ErrorCode.ExternalData, what);
            Assert.Contains("'w'", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void External_data_inside_the_folder_is_read()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv");
        try
        {
            string path = Path.Combine(folder.FullName, "model.onnx");
            File.WriteAllBytes(Path.Combine(folder.FullName, "w.bin"), [0, 0, 0, 0, .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)]);
            WireMessage weights = OnnxFile.ExternalTensor("w", [2], ("location", "w.bin"), ("offset", "4"), ("length", "8"));
            File.WriteAllBytes(path, new OnnxFile().Input("x", Float32, 2).Output("y", Float32).Initializer(weights).Node("Add", ["x", "w"], ["y"]).ToArray());
            using Model model = Model.Load(path);
            using Session session = model.Compile(Small);
            Assert.Equal([11f, 22f], session.Run([10, 20]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused_or_complete()
    {
        byte[] file = Everything();
        for (int length = 0; length < file.Length; length++)
            Survives(file[..length]);
    }

    [Fact]
    public void A_file_with_any_bits_changed_is_refused_or_runs()
    {
        byte[] file = Everything();
        var random = new Random(20);
        for (int i = 0; i < 4_000; i++)
        {
            byte[] mutant = [.. file];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                mutant[random.Next(mutant.Length)] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => 0xFF, _ => 0 };
            Survives(mutant);
        }
    }

    /// <summary>Runs within limits, or is refused with one of HybridConv's own exceptions.</summary>
    private static void Survives(byte[] file)
    {
        try
        {
            LoadAndRun(file);
        }
        catch (HybridConvException e)
        {
            Assert.NotEmpty(e.Message);
        }
        catch (Exception e) when (e is not HybridConvException)
        {
            Assert.Fail($"{e}{Environment.NewLine}{Convert.ToBase64String(file)}");
        }
    }

    /// <summary>A small file with most kinds of fields and many operators.</summary>
    private static byte[] Everything() => new OnnxFile()
        .Input("x", Float32, 1, 4, 6, 6).Output("y", Float32, 1, 10)
        .Floats("w", [4, 4, 3, 3], RandomData.Floats(1, 144)).Floats("b", [4], RandomData.Floats(2, 4)).Floats("d", [4, 1, 3, 3], RandomData.Floats(3, 36))
        .Floats("f", [10, 16], RandomData.Floats(4, 160)).Longs("shape", 1, -1).Longs("begin", 0, 0).Longs("end", 3, 3).Longs("axes", 2, 3)
        .Floats("sizes", [4], [1, 1, 2, 2]).Longs("pads", 0, 0, 1, 1, 0, 0, 1, 1)
        .Node("Pad", ["x", "pads"], ["p"], ("mode", "constant"))
        .Node("Conv", ["p", "w", "b"], ["c"], ("strides", new long[] { 1, 1 }), ("pads", new long[] { 1, 1, 1, 1 }))
        .Node("Relu", ["c"], ["r"])
        .Node("Conv", ["r", "d"], ["e"], ("group", 4L), ("auto_pad", "SAME_UPPER"), ("dilations", new long[] { 2, 2 }))
        .Node("Concat", ["e", "r"], ["k"], ("axis", 1L))
        .Node("Split", ["k"], ["k0", "k1"], ("axis", 1L))
        .Node("Add", ["k0", "k1"], ["a"])
        .Node("Slice", ["a", "begin", "end", "axes"], ["s"])
        .Node("Resize", ["s", "", "sizes"], ["z"], ("mode", "linear"))
        .Node("MaxPool", ["z"], ["m"], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 3, 3 }))
        .Node("Transpose", ["m"], ["t"], ("perm", new long[] { 0, 2, 3, 1 }))
        .Node("Reshape", ["t", "shape"], ["v"])
        .Node("Gemm", ["v", "f"], ["g"], ("transB", 1L), ("alpha", 0.5f))
        .Node("Softmax", ["g"], ["y"], ("axis", 1L))
        .ToArray();
}
