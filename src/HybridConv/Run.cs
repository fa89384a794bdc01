using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Planning;
using HybridConv.Verification;

namespace HybridConv;

/// <summary>
/// The buffers of one caller: fill the inputs, execute, read the outputs, repeat. Not for use by two threads at once.
/// Inputs keep their contents from one execution to the next. A run that is executed repeatedly allocates nothing.
/// </summary>
public sealed class Run : IDisposable
{
    private readonly Session session;
    private readonly Shape[] shapes;
    private readonly byte[][]? staged;
    private readonly RunVerification? verification;
    private byte[][] shaping = [];
    private PlanRun? current;
    private bool executed;
    private bool disposed;

    internal Run(Session session, Shape[] shapes)
    {
        this.session = session;
        this.shapes = shapes;
        verification = session.Verification is { } policy ? new RunVerification(session, policy, shapes) : null;
        current = session.TryPlan(shapes)?.CreateRun();
        if (current is null)
            staged = [.. session.Graph.Inputs.Zip(shapes, (input, shape) => new byte[shape.Elements * input.Type.Size()])];
    }

    /// <summary>The elements of an input, dense, in the shape that the session (or CreateRun) gave it.</summary>
    /// <typeparam name="T">The .NET type of the input's element type: <c>float</c> for float32, <c>Half</c> for float16, <c>long</c> for int64, ...</typeparam>
    /// <param name="index">The position among <see cref="Session.Inputs"/>.</param>
    /// <exception cref="OperandException">No such input, or another element type.</exception>
    public Span<T> Input<T>(int index) where T : unmanaged
    {
        RequireInput(index);
        RequireType<T>(session.Graph.Inputs[index].Type, "input", session.Inputs[index].Name);
        return MemoryMarshal.Cast<byte, T>(InputBytes(index).Span);
    }

    /// <summary>The elements of an input by name. Names are looked up on each call: in a loop, prefer the index.</summary>
    /// <typeparam name="T">The .NET type of the input's element type.</typeparam>
    /// <param name="name">The input's name.</param>
    public Span<T> Input<T>(string name) where T : unmanaged => Input<T>(IndexOf(session.Inputs, name, "input"));

    /// <summary>An input as a dense tensor span.</summary>
    /// <typeparam name="T">The .NET type of the input's element type.</typeparam>
    /// <param name="index">The position among <see cref="Session.Inputs"/>.</param>
    public TensorSpan<T> InputTensor<T>(int index) where T : unmanaged
    {
        Span<T> elements = Input<T>(index);
        return new TensorSpan<T>(elements, Lengths(shapes[index]));
    }

    /// <summary>The elements of an output, dense. Valid until the next <see cref="Execute"/>.</summary>
    /// <typeparam name="T">The .NET type of the output's element type.</typeparam>
    /// <param name="index">The position among <see cref="Session.Outputs"/>.</param>
    /// <exception cref="OperandException">No such output, or another element type.</exception>
    /// <exception cref="InvalidOperationException">The run has not been executed yet.</exception>
    public ReadOnlySpan<T> Output<T>(int index) where T : unmanaged
    {
        RequireType<T>(OutputOf(index).Type, "output", session.Outputs[index].Name);
        return MemoryMarshal.Cast<byte, T>(OutputBytes(index).Span);
    }

    /// <summary>The elements of an output by name.</summary>
    /// <typeparam name="T">The .NET type of the output's element type.</typeparam>
    /// <param name="name">The output's name.</param>
    public ReadOnlySpan<T> Output<T>(string name) where T : unmanaged => Output<T>(IndexOf(session.Outputs, name, "output"));

    /// <summary>An output as a dense tensor span.</summary>
    /// <typeparam name="T">The .NET type of the output's element type.</typeparam>
    /// <param name="index">The position among <see cref="Session.Outputs"/>.</param>
    public ReadOnlyTensorSpan<T> OutputTensor<T>(int index) where T : unmanaged
    {
        ReadOnlySpan<T> elements = Output<T>(index);
        return new ReadOnlyTensorSpan<T>(elements, Lengths(OutputOf(index).Shape));
    }

    /// <summary>The shape of an input.</summary>
    /// <param name="index">The position among <see cref="Session.Inputs"/>.</param>
    public ReadOnlySpan<long> InputShape(int index)
    {
        RequireInput(index);
        return shapes[index].Dims;
    }

    /// <summary>The shape of an output, after <see cref="Execute"/>.</summary>
    /// <param name="index">The position among <see cref="Session.Outputs"/>.</param>
    public ReadOnlySpan<long> OutputShape(int index) => OutputOf(index).Shape.Dims;

    /// <summary>The element type of an output, after <see cref="Execute"/>.</summary>
    /// <param name="index">The position among <see cref="Session.Outputs"/>.</param>
    public ElementType OutputType(int index) => OutputOf(index).Type;

    /// <summary>Runs the network on the inputs as they are now.</summary>
    /// <param name="cancellation">Looked at between steps; after a cancelled execution the outputs are undefined until the next one completes.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The session or this run is closed.</exception>
    /// <exception cref="MismatchException">The session verifies its runs and throws on a mismatch, and this one gave a result that is not what it should be.</exception>
    public void Execute(CancellationToken cancellation = default)
    {
        RequireOpen();
        ObjectDisposedException.ThrowIf(session.IsDisposed, session);
        cancellation.ThrowIfCancellationRequested();
        executed = false;
        if (staged is not null)
            Replan();
        using (session.Telemetry.StartRun())
            if (verification is null)
                current!.Execute(cancellation);
            else
                verification.Execute(current!, cancellation);
        executed = true;
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        disposed = true;
        verification?.Dispose();
        current?.Dispose();
        current = null;
    }

    /// <summary>Executes several times; the shortest time of every step that moves data, in the plan's order.</summary>
    internal IReadOnlyList<(Step Step, TimeSpan Time)> Profile(int executions)
    {
        Execute();
        Step[] steps = [.. Plan.Steps.Where(step => step.Kernel != Step.View)];
        var least = new long[steps.Length];
        Array.Fill(least, long.MaxValue);
        var ticks = new long[steps.Length];
        for (int i = 0; i < executions; i++)
        {
            current!.Profile(ticks);
            for (int step = 0; step < ticks.Length; step++)
                least[step] = Math.Min(least[step], ticks[step]);
        }
        return [.. steps.Zip(least, (step, time) => (step, Stopwatch.GetElapsedTime(0, time)))];
    }

    internal Plan Plan => session.Plan(shapes, i => InputBytes(i));

    /// <summary>Takes the plan for the data that shapes depend on, when it is not the one of the last execution, and hands the inputs over.</summary>
    private void Replan()
    {
        if (current is null || ShapingInputsChanged())
        {
            Plan plan = session.Plan(shapes, i => staged![i]);
            current?.Dispose();
            current = plan.CreateRun();
            shaping = [.. session.ShapingInputs.Select(i => (byte[])staged![i].Clone())];
        }
        for (int i = 0; i < staged!.Length; i++)
            staged[i].CopyTo(current.Input(i));
    }

    private bool ShapingInputsChanged()
    {
        int[] indices = session.ShapingInputs;
        if (indices.Length != shaping.Length)
            return true;
        for (int i = 0; i < indices.Length; i++)
            if (!staged![indices[i]].AsSpan().SequenceEqual(shaping[i]))
                return true;
        return false;
    }

    internal Memory<byte> InputBytes(int index) => staged?[index] ?? current!.Input(index);

    internal Memory<byte> OutputBytes(int index) => Answer.Output(index);

    /// <summary>What holds the outputs.</summary>
    private PlanRun Answer => verification?.Substitute is { } substitute ? substitute.Answer : current!;

    private (ElementType Type, Shape Shape) OutputOf(int index)
    {
        RequireOpen();
        if ((uint)index >= (uint)session.Outputs.Count)
            throw new OperandException($"There is no output {index}; this network has {session.Outputs.Count}.");
        if (!executed)
            throw new InvalidOperationException("Outputs are there after Execute.");
        return Answer.OutputType(index);
    }

    private void RequireInput(int index)
    {
        RequireOpen();
        if ((uint)index >= (uint)shapes.Length)
            throw new OperandException($"There is no input {index}; this network has {shapes.Length}.");
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(disposed, this);

    private static void RequireType<T>(ElementType type, string kind, string name) where T : unmanaged
    {
        if (!type.Holds<T>())
            throw new OperandException($"The {kind} '{name}' holds {type.Label()}, not {typeof(T).Name}.");
    }

    private static int IndexOf(IReadOnlyList<TensorInfo> operands, string name, string kind)
    {
        for (int i = 0; i < operands.Count; i++)
            if (operands[i].Name == name)
                return i;
        throw new OperandException($"There is no {kind} '{name}'. There are: {string.Join(", ", operands.Select(o => o.Name))}.");
    }

    private static nint[] Lengths(Shape shape) => Array.ConvertAll(shape.Dims.ToArray(), d => (nint)d);
}
