using System.Diagnostics;
using HybridConv.Cli.Data;
using HybridConv.Cli.Reports;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Cli;

/// <summary>
/// A case in the form of ONNX's backend tests: a folder with <c>model.onnx</c> (or <c>model.onnx.gz</c>) and data sets
/// <c>test_data_set_*/input_k.pb</c>, <c>output_k.pb</c>.
/// </summary>
internal static class OnnxCase
{
    private const string DataSet = "test_data_set_";

    public const string Passed = "passed", Failed = "failed", Unsupported = "unsupported";

    /// <summary>All cases in a folder and below it, in the order of their paths.</summary>
    /// <exception cref="UsageException">There is no such folder, or no case in it.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new UsageException($"there is no folder '{folder}'");
        string[] cases =
        [
            .. Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Prepend(folder)
                .Where(candidate => ModelSource.InFolder(candidate) is not null).Order(StringComparer.Ordinal),
        ];
        return cases.Length > 0 ? cases : throw new UsageException($"the folder '{folder}' holds no case: a case is a folder with a model.onnx");
    }

    public static string Name(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>Runs all data sets of a case. Never throws: what goes wrong is the case's result.</summary>
    public static CaseReport Run(string folder, SessionOptions options, Tolerance tolerance) => Run(folder, model => model.Compile(options), tolerance);

    /// <summary>As above, in a session of the caller's making.</summary>
    public static CaseReport Run(string folder, Func<Model, Session> compile, Tolerance tolerance)
    {
        long start = Stopwatch.GetTimestamp();
        (string status, Difference difference) = Check(folder, compile, tolerance);
        return new CaseReport(
            Name(folder), status, Numbers.Finite(difference.MaxAbs), Numbers.Finite(difference.MaxRel), Numbers.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds), difference.Reason);
    }

    private static (string Status, Difference Difference) Check(string folder, Func<Model, Session> compile, Tolerance tolerance)
    {
        Difference worst = Difference.None;
        try
        {
            using Model model = ModelSource.Load(folder);
            using Session session = compile(model);
            string[] sets = [.. Directory.EnumerateDirectories(folder, $"{DataSet}*").Order(StringComparer.Ordinal)];
            IReadOnlyDictionary<string, double> stated = StatedTolerances.Read(folder);
            string? remark = null;
            foreach (string set in sets)
            {
                Tolerance allowed = tolerance;
                if (stated.TryGetValue(Path.GetFileName(set), out double absolute) && absolute > tolerance.Absolute)
                {
                    allowed = tolerance with { Absolute = absolute };
                    remark = FormattableString.Invariant($"{Path.GetFileName(set)} compared at {absolute} absolute, as meta.json says");
                }
                (HostTensor[] inputs, HostTensor[] wanted) = (Read(set, "input_"), Read(set, "output_"));
                using Run run = Bind(session, inputs);
                run.Execute();
                worst = worst.Worse(Compare(run.ReadAll(session), wanted, allowed));
            }
            return worst.Reason is not null ? (Failed, worst)
                : sets.Length == 0 ? (Failed, worst with { Reason = "the case has no data sets" })
                : (Passed, worst with { Reason = remark });
        }
        // Where shapes depend on the data, and on cpu:reference, a model is refused no earlier than it is executed.
        catch (HybridConvException e)
        {
            return (Unsupported, worst with { Reason = e.Message });
        }
        catch (Exception e)
        {
            return (Failed, worst with { Reason = $"{e.GetType().Name}: {e.Message}" });
        }
    }

    /// <summary>The tensors <c>prefix0.pb</c>, <c>prefix1.pb</c>, ... of a data set.</summary>
    private static HostTensor[] Read(string set, string prefix)
    {
        var tensors = new List<HostTensor>();
        for (string path; File.Exists(path = Path.Combine(set, $"{prefix}{tensors.Count}.pb"));)
            tensors.Add(TensorFile.ReadProto(path));
        return [.. tensors];
    }

    /// <summary>The inputs of the first data set of a folder, named as the model names them; null when it has none.</summary>
    public static HostTensor[]? FirstInputs(string folder, IReadOnlyList<TensorInfo> inputs)
    {
        string? set = Directory.EnumerateDirectories(folder, $"{DataSet}*").Order(StringComparer.Ordinal).FirstOrDefault();
        return set is null ? null : [.. Order(Read(set, "input_"), inputs).Zip(inputs, (tensor, input) => tensor with { Name = input.Name })];
    }

    /// <summary>A data set's tensors in the order of the inputs: by name where every input has a tensor of its name, else as they are.</summary>
    private static HostTensor[] Order(HostTensor[] tensors, IReadOnlyList<TensorInfo> inputs)
    {
        if (tensors.Length < inputs.Count)
            throw new UsageException($"the data set has {tensors.Length} inputs, and the model takes {inputs.Count}");
        return inputs.All(input => tensors.Any(tensor => tensor.Name == input.Name))
            ? [.. inputs.Select(input => tensors.First(tensor => tensor.Name == input.Name))]
            : tensors[..inputs.Count];
    }

    /// <summary>A run with its inputs filled.</summary>
    private static Run Bind(Session session, HostTensor[] tensors)
    {
        IReadOnlyList<TensorInfo> inputs = session.Inputs;
        HostTensor[] ordered = Order(tensors, inputs);
        for (int i = 0; i < inputs.Count; i++)
            if (ordered[i].Type != inputs[i].Type)
                throw new UsageException($"the data set gives {ordered[i].Type} for {inputs[i]}");
        Run run = session.CreateRun(inputs.Zip(ordered).ToDictionary(pair => pair.First.Name, pair => pair.Second.Shape));
        for (int i = 0; i < inputs.Count; i++)
            run.Fill(i, ordered[i]);
        return run;
    }

    private static Difference Compare(HostTensor[] got, HostTensor[] wanted, Tolerance tolerance)
    {
        if (wanted.Length == 0 || wanted.Length > got.Length)
            return Difference.None with { SameBits = false, Reason = $"the data set has {wanted.Length} outputs, and the model gives {got.Length}" };
        Difference worst = Difference.None;
        for (int i = 0; i < wanted.Length; i++)
            worst = worst.Worse(Difference.Between(got[i], wanted[i], tolerance).In(got[i].Name));
        return worst;
    }
}
