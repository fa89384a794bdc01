using HybridConv.Planning;
using HybridConv.Tools.Data;

namespace HybridConv.Bench;

/// <summary>A network ready to run on seeded inputs, checked against <c>cpu:reference</c>.</summary>
internal sealed class BoundModel : IDisposable
{
    /// <summary>A network of more steps is not told by their names.</summary>
    private const int MostNamed = 3;

    private readonly Session session;

    /// <param name="model">Its inputs have no open dimensions.</param>
    /// <param name="threads">Threads of a run.</param>
    /// <param name="layout">Of the caller's images.</param>
    public BoundModel(Model model, int threads, ImageLayout layout = ImageLayout.AsDeclared)
    {
        session = model.Compile(new SessionOptions { Target = "cpu", Threads = threads, InputLayout = layout, OutputLayout = layout });
        Run = Fill(session);
        Run.Execute();
        using Session reference = model.Compile(new SessionOptions { Target = "cpu:reference", InputLayout = layout, OutputLayout = layout });
        using Run definition = Fill(reference);
        definition.Execute();
        foreach ((HostTensor got, HostTensor want) in Run.ReadAll(session).Zip(definition.ReadAll(reference)))
            if (Difference.Between(got, want, Tolerance.Network).Reason is { } reason)
                throw new InvalidOperationException($"'{got.Name}' {reason}");
    }

    public Run Run { get; }

    /// <summary>Tells the columns what one run does.</summary>
    public void Tell()
    {
        Plan plan = Run.Plan;
        Work.Tell(plan.Steps.Sum(step => step.Cost.Macs), plan.Steps.Sum(step => step.Bytes), session.Threads, plan.ArenaBytes, plan.WeightBytes,
            plan.Steps.Count <= MostNamed ? string.Join(" + ", plan.Steps.Select(step => step.Kernel)) : "");
    }

    public void Dispose()
    {
        Run.Dispose();
        session.Dispose();
    }

    private static Run Fill(Session session)
    {
        Run run = session.CreateRun();
        HostTensor[] inputs = RunTensors.Seeded(session.Inputs, session.Inputs.ToDictionary(input => input.Name, input => input.Dimensions!.Select(dim => dim.Size).ToArray()));
        for (int i = 0; i < inputs.Length; i++)
            run.Fill(i, inputs[i]);
        return run;
    }
}
