using HybridConv.Cli;
using HybridConv.Cpu.Simd;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Compare;

/// <summary>This engine on the CPU, called as an application calls it.</summary>
internal sealed class HybridConvEngine : IEngine
{
    private const int ProfiledRuns = 10;

    private readonly Model model;
    private readonly Session session;
    private readonly Run run;

    public HybridConvEngine(Job job, HostTensor[] inputs)
    {
        model = Model.Load(job.Model);
        session = model.Compile(new SessionOptions
        {
            Target = "cpu",
            Threads = job.Threads,
            Precision = job.Precision,
            InputShapes = inputs.ToDictionary(input => input.Name, input => input.Shape),
        });
        run = session.CreateRun();
        for (int i = 0; i < session.Inputs.Count; i++)
            run.Fill(i, inputs.First(input => input.Name == session.Inputs[i].Name));
        Options = new Dictionary<string, string>
        {
            ["Target"] = session.Target,
            ["Threads"] = $"{session.Threads}",
            ["Precision"] = $"{job.Precision}",
            ["Isa"] = Knobs.Isa.Label(),
        };
    }

    public string Name => $"hybridconv {Machine.Version}";

    public IReadOnlyDictionary<string, string> Options { get; }

    public void Execute() => run.Execute();

    public HostTensor[] Outputs() => run.ReadAll(session);

    public IReadOnlyList<KernelShare>? Profile() => session.MeasurePeak() is not { } peak ? null :
    [
        .. run.Profile(ProfiledRuns).GroupBy(step => step.Step.Kernel)
            .Select(steps => new KernelShare(
                steps.Key, Numbers.Round(steps.Sum(step => step.Time.TotalMilliseconds)), Numbers.Round(1e-6 * steps.Sum(step => Roofline.Nanoseconds(step.Step, peak)))))
            .OrderByDescending(kernel => kernel.Ms),
    ];

    public void Dispose()
    {
        run.Dispose();
        session.Dispose();
        model.Dispose();
    }
}
