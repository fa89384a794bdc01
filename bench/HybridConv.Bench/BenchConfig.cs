using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using Perfolizer.Horology;

namespace HybridConv.Bench;

/// <summary>One job per vector width, and a cold one for what happens once in a process; columns of work beside the times.</summary>
internal sealed class BenchConfig : ManualConfig
{
    private const string IsaOption = "--isa";

    private const int LongestName = 64;

    private BenchConfig(IEnumerable<Isa> isas)
    {
        foreach (Isa isa in isas)
        {
            AddJob(Job.Default.WithWarmupCount(3).WithIterationCount(8).WithIterationTime(TimeInterval.FromMilliseconds(200))
                .WithEnvironmentVariables(Environment(isa)).WithId(isa.Label()));
            AddJob(Job.Default.WithStrategy(RunStrategy.ColdStart).WithLaunchCount(5).WithWarmupCount(0).WithIterationCount(1).WithInvocationCount(1).WithUnrollFactor(1)
                .WithEnvironmentVariables(Environment(isa)).WithId($"{isa.Label()} cold"));
        }
        AddFilter(new SimpleFilter(benchmark => (benchmark.Descriptor.Type == typeof(Start)) == (benchmark.Job.Run.RunStrategy == RunStrategy.ColdStart)));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn([.. WorkColumn.All]);
        // The jobs' names say it.
        HideColumns(Column.EnvironmentVariables);
        AddExporter(MarkdownExporter.GitHub, JsonExporter.Full);
        AddLogger(ConsoleLogger.Default);
        WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(LongestName));
    }

    /// <summary>Takes <c>--isa LIST</c> from the front of the arguments; without it there is one job, of the widest vectors.</summary>
    public static (BenchConfig Config, string[] Others) FromArguments(string[] arguments)
    {
        if (arguments is not [IsaOption, var list, ..])
            return (new BenchConfig([CpuInfo.Widest]), arguments);
        Isa[] isas = [.. list.Split(',').Select(text => Enum.Parse<Isa>(text, ignoreCase: true))];
        return (new BenchConfig(isas), arguments[2..]);
    }

    /// <summary>Keeps kernels to a width, and the runtime's own code too.</summary>
    private static EnvironmentVariable[] Environment(Isa isa)
    {
        var kernels = new EnvironmentVariable("HYBRIDCONV_ISA", isa.Label());
        return isa switch
        {
            Isa.V512 => [kernels],
            Isa.V256 => [kernels, new EnvironmentVariable("DOTNET_EnableAVX512", "0")],
            Isa.V128 => [kernels, new EnvironmentVariable("DOTNET_EnableAVX2", "0")],
            _ => [kernels, new EnvironmentVariable("DOTNET_EnableHWIntrinsic", "0")],
        };
    }
}
