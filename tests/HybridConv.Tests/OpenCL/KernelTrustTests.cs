using HybridConv.OpenCL.Trust;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Tests.OpenCL;

public sealed class KernelTrustTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-trust-");
    private readonly Reports reports = [];
    private readonly Warnings warnings = [];

    private SessionOptions Options => new() { CacheFolder = Path.Combine(folder.FullName, "cache"), Progress = reports, LoggerFactory = warnings, SelfTest = true };

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Sums that subtract, in the kernels of one file.</summary>
    private static Func<string, string, string> Subtract(string file) => (name, text) => name == file ? "#define fma(a, b, c) ((c) - (a) * (b))\n" + text : text;

    /// <summary>Products that are rounded before they are added.</summary>
    private static Func<string, string, string> RoundTwice(string file) => (name, text) => name == file ? "#define fma(a, b, c) ((a) * (b) + (c))\n" + text : text;

    [Fact]
    public void Each_kernel_is_checked_once_and_never_again()
    {
        using (var first = new DeviceNetwork(Options))
        {
            Assert.Contains(first.Step.Kernel, reports.Checked);
            Assert.Equal(reports.Checked.Distinct(), reports.Checked);
            Assert.Equal(first.Expected(), first.Run());
        }
        reports.Clear();
        using var second = new DeviceNetwork(Options);
        Assert.Empty(reports.Checked);
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_kernel_that_was_asked_for_a_few_outputs_is_asked_again_for_many_and_not_the_other_way_round()
    {
        using (var few = new DeviceNetwork(Options, size: 5))
            Assert.Contains(few.Step.Kernel, reports.Checked);
        reports.Clear();
        using (var many = new DeviceNetwork(Options, size: 25))
            Assert.Contains(many.Step.Kernel, reports.Checked);
        reports.Clear();
        using (var many = new DeviceNetwork(Options, size: 26))
        using (var few = new DeviceNetwork(Options, size: 6))
            Assert.Empty(reports.Checked);
    }

    [Fact]
    public void A_kernel_that_has_nothing_to_compute_is_not_asked()
    {
        using var nothing = new DeviceNetwork(Options, batch: 0);
        Assert.Empty(reports.Checked);
        Assert.Empty(nothing.Run());
    }

    [Fact]
    public void Sessions_tell_what_compiling_does()
    {
        _ = OpenClDevice.Entry;
        var net = new ModelBuilder();
        net.Input("x", 64).Relu().Output("y");
        using Model model = net.Build();
        using Session session = model.Compile(Options with { Target = "opencl" });
        Assert.Contains(reports, report => report.Doing.StartsWith("building ", StringComparison.Ordinal));
        Assert.NotEmpty(reports.Checked);
        Assert.All(reports, report => Assert.InRange(report.Done, 0, report.Total - 1));
    }

    [Fact]
    public void A_cache_that_others_may_write_to_is_warned_of_and_not_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        Directory.CreateDirectory(Options.CacheFolder!);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Options.CacheFolder!, File.GetUnixFileMode(Options.CacheFolder!) | UnixFileMode.OtherWrite);
        using var network = new DeviceNetwork(Options);
        Assert.Contains(network.Step.Kernel, reports.Checked);
        Assert.Contains("others", Assert.Single(warnings));
        Assert.Empty(Directory.GetFileSystemEntries(Options.CacheFolder!));
    }

    [Fact]
    public void Another_source_is_checked_again()
    {
        using var first = new DeviceNetwork(Options);
        reports.Clear();
        using var second = new DeviceNetwork(Options, (name, text) => text + "\n// changed\n");
        Assert.Contains(first.Step.Kernel, reports.Checked);
    }

    [Fact]
    public void Without_a_cache_every_session_checks()
    {
        using var first = new DeviceNetwork(Options with { CacheFolder = "off" });
        reports.Clear();
        using var second = new DeviceNetwork(Options with { CacheFolder = "off" });
        Assert.Contains(first.Step.Kernel, reports.Checked);
    }

    [Fact]
    public void Verdicts_that_are_damaged_are_found_again()
    {
        using var first = new DeviceNetwork(Options);
        reports.Clear();
        foreach (string file in Directory.GetFiles(Path.Combine(Options.CacheFolder!, KernelTrust.Entries)))
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        using var second = new DeviceNetwork(Options);
        Assert.Contains(first.Step.Kernel, reports.Checked);
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_kernel_that_answers_wrongly_is_quarantined_with_a_warning_and_another_takes_its_place()
    {
        string source = DeviceNetwork.Source, wrong;
        using (var trusting = new DeviceNetwork(Options with { SelfTest = false }, Subtract(source)))
        {
            wrong = trusting.Step.Kernel;
            Assert.NotEqual(trusting.Expected(), trusting.Run());
        }
        using (var network = new DeviceNetwork(Options, Subtract(source)))
        {
            Assert.NotEqual(wrong, network.Step.Kernel);
            Assert.Equal(network.Expected(), network.Run());
            Assert.StartsWith("quarantined: ", network.Step.Refused.Single(refused => refused.Kernel == wrong).Why);
            Assert.Contains(wrong, Assert.Single(warnings));
        }
        // Another process knows it without asking, and says so again.
        reports.Clear();
        using var next = new DeviceNetwork(Options, Subtract(source));
        Assert.Empty(reports.Checked);
        Assert.NotEqual(wrong, next.Step.Kernel);
        Assert.Equal(2, warnings.Count);
    }

    [Fact]
    public void When_even_the_reference_is_wrong_the_device_is_refused()
    {
        DeviceException error = Assert.Throws<DeviceException>(() => new DeviceNetwork(Options, Subtract("opencl/common.clh")).Dispose());
        Assert.Contains("reference", error.Message);
        Assert.Contains("outputs differ from the processor's", error.Message);
    }

    [Fact]
    public void Other_rounding_is_good_enough_unless_bits_are_promised()
    {
        Assert.SkipUnless(OpenClDevice.Entry.Facts.WhyNotReproducible is null, "This device cannot promise bits at all.");
        string source = DeviceNetwork.Source, rounding;
        using (var fast = new DeviceNetwork(Options, RoundTwice(source)))
        {
            rounding = fast.Step.Kernel;
            Assert.NotEqual(fast.Expected(), fast.Run());
            Assert.Empty(warnings);
        }
        using var exact = new DeviceNetwork(Options with { Precision = Precision.Reproducible }, RoundTwice(source));
        Assert.NotEqual(rounding, exact.Step.Kernel);
        Assert.Equal(exact.Expected(), exact.Run());
        Assert.Contains(rounding, Assert.Single(warnings));
    }

    [Fact]
    public void A_kernel_that_does_not_compile_is_an_error_with_the_compilers_log()
    {
        static string Break(string name, string text) => name.EndsWith(".cl", StringComparison.Ordinal) ? text + "\n#error no\n" : text;
        DeviceException error = Assert.Throws<DeviceException>(() => new DeviceNetwork(Options, Break).Dispose());
        Assert.Equal("CL_BUILD_PROGRAM_FAILURE", error.DeviceStatus);
        Assert.NotNull(error.BuildLog);
    }
}
