using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Tracing;
using HybridConv.Verification;

namespace HybridConv;

/// <summary>
/// A model compiled for a target. Safe to share between threads: make one <see cref="Run"/> per concurrent caller. Owns one pool of workers;
/// a run that finds it busy executes on its caller's thread, with the same results.
/// </summary>
public sealed class Session : IDisposable
{
    private readonly Model model;
    private readonly SessionOptions options;
    private readonly ITarget target;
    private readonly Graph graph;
    private readonly PlanCache plans;
    private readonly WeightStore weights;
    private readonly Telemetry telemetry;
    private volatile int[] shapingInputs = [];
    private volatile bool disposed;

    internal Session(Model model, SessionOptions options, WeightStore? weights = null) : this(model, options, TargetList.Open(options.Target, options), weights)
    {
    }

    /// <summary>A session on a target that is already open, and closed with it.</summary>
    internal Session(Model model, SessionOptions options, ITarget target, WeightStore? weights = null)
    {
        this.model = model;
        this.options = options;
        this.weights = weights ?? model.Weights;
        this.target = target;
        telemetry = new Telemetry(options.LoggerFactory, target.Name);
        try
        {
            graph = CallerEdges.Apply(model.Graph, model.Inputs, model.Outputs, options);
            Inputs = SessionShapes.Fix(CallerEdges.Describe(model.Inputs, options.InputLayout), options);
            plans = new PlanCache(options.MaxPlans);
            IReadOnlyList<TensorInfo> declared = CallerEdges.Describe(model.Outputs, options.OutputLayout);
            Plan? plan = Inputs.All(i => i.IsFixed) ? TryPlan([.. Inputs.Select(SessionShapes.Shape)]) : null;
            Outputs = [.. Enumerable.Range(0, graph.Outputs.Count).Select(i => DescribeOutput(i, declared, plan))];
            Verification = options.Verify == Verify.Off ? null : new SessionVerification(this, options);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A run found results that are not what they should be (see <see cref="SessionOptions.Verify"/>). Raised on the thread that executes the run, once for the worst result of each
    /// step or value that differs, before anything else follows from it.
    /// </summary>
    public event EventHandler<Mismatch>? MismatchFound;

    /// <summary>
    /// The target's name, for example <c>cpu</c>; where <c>auto</c> was asked for, the one it took, once a plan was needed. After a mismatch that made the session fall back,
    /// the name of the target that it runs on now.
    /// </summary>
    public string Target => Verification is { HasFallenBack: true } ? Verification.Other.Target : target.Name;

    /// <summary>Why <c>auto</c> took that target; null when the target was named, or is the only one.</summary>
    public string? TargetReason => target.Why;

    /// <summary>Threads of one run, the caller's included.</summary>
    public int Threads => target.Threads;

    /// <summary>The inputs, in the caller's layout, with every dimension that is fixed by the model or the options.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>The outputs, in the caller's layout: the model's, then those of <see cref="SessionOptions.Keep"/>.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>Buffers for one caller at a time.</summary>
    /// <exception cref="ShapeException">An input has an open dimension.</exception>
    public Run CreateRun() => CreateRun(null);

    /// <summary>Buffers for one caller at a time, for inputs of the given shapes. Plans are kept, so that a shape seen before costs little.</summary>
    /// <param name="inputShapes">Shapes by input name, in the caller's layout; inputs that are not named must have no open dimension.</param>
    /// <exception cref="ShapeException">A shape contradicts the model, or a dimension stays open.</exception>
    /// <exception cref="OperandException">There is no input of that name.</exception>
    public Run CreateRun(IReadOnlyDictionary<string, long[]>? inputShapes)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new Run(this, SessionShapes.Resolve(Inputs, inputShapes));
    }

    /// <summary>Runs a network of one float32 input and one float32 output; for convenience, not for speed.</summary>
    /// <param name="input">The input's elements, dense.</param>
    /// <returns>The output's elements, dense.</returns>
    public float[] Run(ReadOnlySpan<float> input)
    {
        if (Inputs.Count != 1 || Outputs.Count != 1)
            throw new OperandException($"Session.Run wants one input and one output; this network has {Inputs.Count} and {Outputs.Count}. Use CreateRun.");
        using Run run = CreateRun();
        Span<float> slot = run.Input<float>(0);
        if (input.Length != slot.Length)
            throw new ShapeException($"input '{Inputs[0].Name}' has {slot.Length} elements; got {input.Length}");
        input.CopyTo(slot);
        run.Execute();
        return run.Output<float>(0).ToArray();
    }

    /// <summary>Stops the workers. Runs of this session cannot be executed afterwards; packed weights stay with the model.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        Verification?.Dispose();
        target.Dispose();
    }

    internal MachinePeak? MeasurePeak() => target.MeasurePeak();
    internal Graph Graph => graph;
    internal Model Model => model;
    internal bool IsDisposed => disposed;
    internal Telemetry Telemetry => telemetry;

    /// <summary>The target that the session was made for.</summary>
    internal string OwnTarget => target.Name;

    /// <summary>How runs are checked; null when they are not.</summary>
    internal SessionVerification? Verification { get; }

    internal void Raise(Mismatch mismatch) => MismatchFound?.Invoke(this, mismatch);

    /// <summary>Indices of the inputs whose data decides about shapes. May grow when a plan is asked for.</summary>
    internal int[] ShapingInputs => shapingInputs;

    /// <summary>The plan for these shapes and, where <see cref="ShapingInputs"/> says so, this data.</summary>
    internal Plan Plan(IReadOnlyList<Shape> shapes, Func<int, ReadOnlyMemory<byte>> data)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        while (true)
        {
            int[] shaping = shapingInputs;
            var known = new Dictionary<string, Tensor>();
            foreach (int i in shaping)
                known[graph.Inputs[i].Name] = Tensor.From(graph.Inputs[i].Type, shapes[i], $"input:{graph.Inputs[i].Name}", data(i).ToArray());
            try
            {
                return plans.Get(shapes, known.Values, () => Compile(shapes, known));
            }
            catch (OpenValueException e)
            {
                LearnShapingInputs(e.Value);
                if (shaping.Length == shapingInputs.Length)
                    throw new ShapeException($"the shape of a value depends on '{e.Value.Name}', which does not come from any input");
            }
        }
    }

    /// <summary>The plan for the fixed input shapes; null when shapes depend on the data of an input.</summary>
    internal Plan? TryPlan(IReadOnlyList<Shape> shapes)
    {
        try
        {
            return shapingInputs.Length > 0 ? null : plans.Get(shapes, [], () => Compile(shapes, []));
        }
        catch (OpenValueException e)
        {
            LearnShapingInputs(e.Value);
            return null;
        }
    }

    private Plan Compile(IReadOnlyList<Shape> shapes, Dictionary<string, Tensor> known)
    {
        using var activity = telemetry.StartCompile(model.Name);
        var byName = graph.Inputs.Zip(shapes).ToDictionary(p => p.First.Name, p => p.Second);
        Plan plan = target.Compile(new PlanRequest(graph, byName, known, weights, options));
        telemetry.Compiled(model.Name, plan, target.Name, target.Why);
        return plan;
    }

    /// <summary>Times the rows of the session's target on the network's steps.</summary>
    /// <param name="inputShapes">As for <see cref="CreateRun(IReadOnlyDictionary{string, long[]})"/>.</param>
    /// <param name="time">How long measurements may take in all; null for what is usual on the target.</param>
    /// <param name="cancellation">Ends it between two measurements.</param>
    /// <exception cref="DeviceException">The target has nothing to choose from by measuring.</exception>
    internal TuningReport Tune(IReadOnlyDictionary<string, long[]>? inputShapes, TimeSpan? time, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (target is not ITunable tunable)
            throw new DeviceException($"The kernels of {target.Name} are not chosen by measurements; those of cpu and of OpenCL devices are.");
        Shape[] shapes = SessionShapes.Resolve(Inputs, inputShapes);
        if (TryPlan(shapes) is null)
            throw new ShapeException("shapes of this network depend on the data of its inputs, so that there is no plan to measure before there is data");
        var byName = graph.Inputs.Zip(shapes).ToDictionary(p => p.First.Name, p => p.Second);
        return tunable.Tune(new PlanRequest(graph, byName, new Dictionary<string, Tensor>(), weights, options), time, cancellation);
    }

    /// <summary>Notes every graph input that an open value is computed from.</summary>
    private void LearnShapingInputs(Value open)
    {
        Value? start = graph.Nodes.SelectMany(n => n.Outputs).Concat(graph.Inputs).FirstOrDefault(v => v.Name == open.Name);
        var found = new SortedSet<int>(shapingInputs);
        var seen = new HashSet<Value>();
        var pending = new Stack<Value>();
        if (start is not null)
            pending.Push(start);
        while (pending.TryPop(out Value? value))
        {
            if (!seen.Add(value))
                continue;
            int index = graph.Inputs.IndexOf(value);
            if (index >= 0)
                found.Add(index);
            foreach (Value? input in value.Producer?.Inputs ?? [])
                if (input is { IsConstant: false })
                    pending.Push(input);
        }
        shapingInputs = [.. found];
    }

    private TensorInfo DescribeOutput(int index, IReadOnlyList<TensorInfo> declared, Plan? plan)
    {
        Value output = graph.Outputs[index];
        string name = index < declared.Count ? declared[index].Name : options.Keep![index - declared.Count];
        if (plan is { Outputs.Count: > 0 })
        {
            (ElementType type, Shape shape) = plan.Outputs[index];
            return new TensorInfo(name, type, [.. shape.Dims.ToArray().Select(d => (Dimension)d)]);
        }
        return index < declared.Count ? declared[index] : new TensorInfo(name, output.Type, null);
    }
}
