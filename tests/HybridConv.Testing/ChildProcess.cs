using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using HybridConv.Cpu;
using Xunit;

namespace HybridConv.Testing;

/// <summary>
/// Runs test classes of the calling suite again in a process of their own: with other instruction sets, or alone where they measure the process.
/// </summary>
public static partial class ChildProcess
{
    /// <summary>Runs the classes with vectors no wider than asked, and fails unless all their tests pass with exactly that width.</summary>
    internal static void RunTestsWith(Isa isa, params ReadOnlySpan<Type> classes) => RunTestsWith(isa, classes, []);

    /// <summary>As above, with additional environment variables.</summary>
    internal static void RunTestsWith(Isa isa, ReadOnlySpan<Type> classes, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        Assert.SkipUnless(CpuInfo.Widest >= isa, $"This machine has no {isa}: its widest vectors are {CpuInfo.Widest}.");
        // The runtime ignores EnableAVX512F and EnableFMA; EnableAVX2=0 also removes FMA.
        (string Name, string Value)[] switches = isa switch
        {
            Isa.V512 => [],
            Isa.V256 => [("DOTNET_EnableAVX512", "0")],
            Isa.V128 => [("DOTNET_EnableAVX2", "0")],
            _ => [("DOTNET_EnableHWIntrinsic", "0")],
        };
        RunTests(classes, [(RequestedIsa.Variable, isa.ToString()), .. switches, .. environment]);
    }

    /// <summary>Runs the classes with additional environment variables, and fails unless at least one test ran and none failed.</summary>
    public static void RunTests(ReadOnlySpan<Type> classes, params ReadOnlySpan<(string Name, string Value)> environment) => RunTests(classes, [], environment);

    /// <summary>Runs the explicit tests of a class, one after the other, with nothing else in the process.</summary>
    public static void RunExplicitTests(Type type) => RunTests([type], ["-explicit", "only", "-parallelMode", "none"], []);

    private static void RunTests(ReadOnlySpan<Type> classes, ReadOnlySpan<string> options, ReadOnlySpan<(string Name, string Value)> environment)
    {
        var arguments = new List<string> { "-noLogo", "-noColor" };
        arguments.AddRange(options);
        foreach (Type type in classes)
            arguments.AddRange("-class", type.FullName!);
        (int exitCode, string output) = Run(classes[0].Assembly, arguments, environment);

        Match summary = Summary().Match(output);
        int Count(string group) => summary.Success && summary.Groups[group].Success ? int.Parse(summary.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        int total = Count("total"), notPassed = Count("errors") + Count("failed"), skipped = Count("skipped");
        if (exitCode != 0 || total == 0 || notPassed > 0)
            Assert.Fail($"The child process ended with {exitCode} after {total} tests:{Environment.NewLine}{output}");
        Assert.SkipWhen(skipped == total, $"Every test of the child process was skipped:{Environment.NewLine}{output}");
    }

    /// <summary>Runs a program that is built beside this one. Output is all that it writes, errors among it in the order in which they came.</summary>
    public static (int ExitCode, string Output) Run(Assembly program, IEnumerable<string> arguments, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        string host = Environment.ProcessPath!;
        bool throughDotnet = Path.GetFileNameWithoutExtension(host) == "dotnet";
        var start = throughDotnet
            ? new ProcessStartInfo(host, [program.Location, .. arguments])
            : new ProcessStartInfo(Path.ChangeExtension(program.Location, OperatingSystem.IsWindows() ? "exe" : null), arguments);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;

        var output = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"The child process did not end within five minutes:{Environment.NewLine}{output}");
        }
        process.WaitForExit();
        return (process.ExitCode, output.ToString());

        void Append(object sender, DataReceivedEventArgs line)
        {
            lock (output)
                output.AppendLine(line.Data);
        }
    }

    [GeneratedRegex(@"Total: (?<total>\d+)(, Errors: (?<errors>\d+), Failed: (?<failed>\d+), Skipped: (?<skipped>\d+))?")]
    private static partial Regex Summary();
}
