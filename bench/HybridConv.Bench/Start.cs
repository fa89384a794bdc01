using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using HybridConv.Cli;
using HybridConv.Planning;
using HybridConv.Zoo;

namespace HybridConv.Bench;

/// <summary>From a file to the first answer, once in a new process: reading, planning, packing, and the runtime's compiling of all of it; and the memory that this takes.</summary>
public class Start
{
    private string file = "";
    private Plan? plan;
    private bool told;

    /// <summary>The zoo.</summary>
    public static IEnumerable<string> Names => Networks.All.Select(network => network.Name);

    /// <summary>One of <see cref="Names"/>.</summary>
    [ParamsSource(nameof(Names))]
    public string Network { get; set; } = "";

    /// <summary>Has another process write the file: in this one, nothing of the engine has been compiled, and no weights have been in memory.</summary>
    [GlobalSetup]
    public void Save()
    {
        file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.onnx");
        string runtime = Path.ChangeExtension(Assembly.GetEntryAssembly()!.Location, ".runtimeconfig.json"), program = typeof(ExitCodes).Assembly.Location;
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", "--runtimeconfig", runtime, program, "zoo", Network, "-o", file]) { RedirectStandardError = true };
        using Process zoo = Process.Start(start)!;
        string said = zoo.StandardError.ReadToEnd();
        zoo.WaitForExit();
        if (zoo.ExitCode != ExitCodes.Ok)
            throw new InvalidOperationException($"no file of {Network}: {said}");
    }

    /// <summary>Loads, compiles and runs.</summary>
    [Benchmark]
    public float FirstAnswer()
    {
        using Model model = Model.Load(file);
        using Session session = model.Compile(new SessionOptions { Target = "cpu" });
        using Run run = session.CreateRun();
        run.Execute();
        plan = run.Plan;
        return run.Output<float>(0)[0];
    }

    /// <summary>Tells the memory after the first answer; to count managed bytes, another one follows.</summary>
    [IterationCleanup]
    public void Tell()
    {
        if (told)
            return;
        told = true;
        using Process self = Process.GetCurrentProcess();
        Work.TellMemory(plan!.ArenaBytes, plan.WeightBytes, self.PeakWorkingSet64);
    }

    /// <summary>Deletes the file.</summary>
    [GlobalCleanup]
    public void Delete() => File.Delete(file);
}
