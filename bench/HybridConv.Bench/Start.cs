using BenchmarkDotNet.Attributes;
using HybridConv.Zoo;

namespace HybridConv.Bench;

/// <summary>From a file to the first answer, once in a new process: reading, planning, packing, and the runtime's compiling of all of it.</summary>
public class Start
{
    private string file = "";

    /// <summary>The zoo.</summary>
    public static IEnumerable<string> Names => Networks.All.Select(network => network.Name);

    /// <summary>One of <see cref="Names"/>.</summary>
    [ParamsSource(nameof(Names))]
    public string Network { get; set; } = "";

    /// <summary>Writes the file.</summary>
    [GlobalSetup]
    public void Save()
    {
        file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.onnx");
        using Model model = Networks.Find(Network)!.Build(new ZooOptions());
        model.Save(file);
    }

    /// <summary>Loads, compiles and runs.</summary>
    [Benchmark]
    public float FirstAnswer()
    {
        using Model model = Model.Load(file);
        using Session session = model.Compile(new SessionOptions { Target = "cpu" });
        using Run run = session.CreateRun();
        run.Execute();
        return run.Output<float>(0)[0];
    }

    /// <summary>Deletes the file.</summary>
    [GlobalCleanup]
    public void Delete() => File.Delete(file);
}
