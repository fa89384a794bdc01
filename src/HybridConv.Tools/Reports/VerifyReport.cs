using HybridConv.Graphs;
using HybridConv.Tools.Data;

namespace HybridConv.Tools.Reports;

/// <summary>Whether targets agree about a model, in its outputs and in every value on the way.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Pairs">Every target with what is right, and every two targets.</param>
internal sealed record VerifyReport(string Model, IReadOnlyList<PairReport> Pairs)
{
    private const string Reference = "cpu:reference";

    /// <summary>Whether every pair agrees within the tolerance.</summary>
    internal bool AllWithinBound => Pairs.All(pair => pair.WithinBound);

    /// <summary>Runs a model on several targets with the same made-up inputs.</summary>
    /// <param name="name">The model's, for the report.</param>
    /// <param name="model">The model.</param>
    /// <param name="targets">What to compare.</param>
    /// <param name="against">The target that is right: <c>reference</c>, or any other.</param>
    /// <param name="shapes">Of all inputs.</param>
    /// <param name="seed">Decides the inputs.</param>
    /// <param name="options">How a target's sessions are compiled.</param>
    /// <param name="progress">Told which target comes next; null for nobody.</param>
    public static VerifyReport Of(
        string name, Model model, IReadOnlyList<string> targets, string against, IReadOnlyDictionary<string, long[]> shapes, int seed, Func<string, SessionOptions> options,
        Action<string>? progress = null)
    {
        HostTensor[] inputs = RunTensors.Seeded(model.Inputs, shapes, seed);
        string[] values = InnerValues(model.Graph);

        Answer Ask(string target)
        {
            progress?.Invoke(target);
            SessionOptions here = options(target) with { InputShapes = shapes };
            return new Answer(target, Execute(model, here, inputs), Execute(model, here with { Keep = values }, inputs));
        }

        Answer reference = Ask(against == "reference" ? Reference : against);
        Answer[] answers = [.. targets.Select(Ask)];
        bool reproducible = options("cpu").Precision == Precision.Reproducible;
        var pairs = answers.Select(answer => Compare(answer, reference, model, reproducible)).ToList();
        for (int i = 0; i < answers.Length; i++)
            for (int j = i + 1; j < answers.Length; j++)
                pairs.Add(Compare(answers[i], answers[j], model, reproducible));
        return new VerifyReport(name, pairs);
    }

    /// <param name="Target">Who answered.</param>
    /// <param name="Outputs">The model's outputs, from the plan as users get it.</param>
    /// <param name="Values">The outputs and then all inner values, from a plan that keeps them and so fuses less.</param>
    private sealed record Answer(string Target, HostTensor[] Outputs, HostTensor[] Values);

    /// <summary>Names of the values between nodes that depend on an input: constants are the same everywhere.</summary>
    private static string[] InnerValues(Graph graph)
    {
        var dependent = new HashSet<Value>(graph.Inputs);
        var inner = new List<string>();
        foreach (Node node in graph.Nodes)
        {
            if (!node.Inputs.Any(input => input is not null && dependent.Contains(input)))
                continue;
            foreach (Value output in node.Outputs)
            {
                dependent.Add(output);
                if (!graph.Outputs.Contains(output) && output.Name.Length > 0)
                    inner.Add(output.Name);
            }
        }
        return [.. inner];
    }

    private static HostTensor[] Execute(Model model, SessionOptions options, HostTensor[] inputs)
    {
        using Session session = model.Compile(options);
        using Run run = session.CreateRun();
        for (int i = 0; i < inputs.Length; i++)
            run.Fill(i, inputs[i]);
        run.Execute();
        return run.ReadAll(session);
    }

    /// <param name="a">The one.</param>
    /// <param name="b">The other, to whose values errors are relative.</param>
    /// <param name="model">What they were asked.</param>
    /// <param name="reproducible">Whether targets promise each other's bits. The reference, in double precision, promises nobody's.</param>
    private static PairReport Compare(Answer a, Answer b, Model model, bool reproducible)
    {
        Difference outputs = Compare(a.Outputs, b.Outputs), values = Difference.None;
        string? worst = null;
        for (int i = 0; i < a.Values.Length; i++)
        {
            Difference difference = Difference.Between(a.Values[i], b.Values[i], Tolerance.Network).In(a.Values[i].Name);
            if (worst is null || Severity(difference).CompareTo(Severity(values)) > 0)
                (values, worst) = (difference, NodeOf(model.Graph, a.Values[i].Name));
        }
        bool sameBits = outputs.SameBits && values.SameBits;
        string? reason = outputs.Reason ?? values.Reason
            ?? (reproducible && !sameBits && a.Target != Reference && b.Target != Reference ? $"the bits differ{(outputs.SameBits ? " on the way" : "")}, though they are to be reproducible" : null);
        return new PairReport(
            a.Target, b.Target, outputs.SameBits, Numbers.Finite(outputs.MaxAbs), Numbers.Finite(outputs.MaxRel), reason is null, sameBits ? null : worst, reason);
    }

    private static Difference Compare(HostTensor[] a, HostTensor[] b)
    {
        Difference worst = Difference.None;
        for (int i = 0; i < a.Length; i++)
            worst = worst.Worse(Difference.Between(a[i], b[i], Tolerance.Network).In(a[i].Name));
        return worst;
    }

    /// <summary>A value outside the tolerance is worse than any inside.</summary>
    private static (bool IsBroken, double Size) Severity(Difference difference) =>
        (difference.Reason is not null, double.IsNaN(difference.OfLargest) ? double.PositiveInfinity : difference.OfLargest);

    private static string NodeOf(Graph graph, string value) =>
        graph.Nodes.FirstOrDefault(node => node.Outputs.Any(output => output.Name == value)) is { } node ? $"{node.Name} ({node.Op.Name})" : value;
}

/// <param name="A">A target.</param>
/// <param name="B">The target it is compared with; errors are relative to its values.</param>
/// <param name="BitwiseEqual">Whether all outputs have the same bits, all NaNs counting as one and +0 as -0.</param>
/// <param name="MaxAbsError">Over all outputs.</param>
/// <param name="MaxRelError">Over all outputs.</param>
/// <param name="WithinBound">
/// Whether all outputs and all intermediate values are within the tolerance; with <c>--precision reproducible</c>, and unless one of the targets computes in double, equal.
/// </param>
/// <param name="WorstNode">The node whose value differs most in relation to the largest magnitude in it; null when nothing differs.</param>
/// <param name="Reason">What is outside the tolerance; null when nothing is.</param>
internal sealed record PairReport(string A, string B, bool BitwiseEqual, double? MaxAbsError, double? MaxRelError, bool WithinBound, string? WorstNode, string? Reason);
