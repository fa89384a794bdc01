using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace HybridConv.Capi;

/// <summary><c>hc_model</c>.</summary>
internal sealed class ModelResource(Model model, string name) : Resource
{
    public Model Model => model;

    /// <summary>The file's name, or what stands for it.</summary>
    public string Name => name;

    public override string Kind => "a model";

    public override void Free() => model.Dispose();
}

/// <summary><c>hc_session</c>, with the texts and shapes that callers hold pointers to. Its runs keep those alive when it is closed.</summary>
internal sealed unsafe class SessionResource : Resource
{
    private readonly Lock sync = new();
    private readonly List<PinnedText> targets = [];
    private PinnedText? reason;

    public SessionResource(Session session, ImageLayout inputLayout)
    {
        Session = session;
        InputLayout = inputLayout;
        Inputs = [.. session.Inputs.Select(Describe)];
        Outputs = [.. session.Outputs.Select(Describe)];
    }

    public Session Session { get; }

    /// <summary>The order in which the caller gives images.</summary>
    public ImageLayout InputLayout { get; }

    public DeclaredTensor[] Inputs { get; }

    public DeclaredTensor[] Outputs { get; }

    public override string Kind => "a session";

    /// <summary>The name of the target; where the session falls back, of the new one.</summary>
    public byte* Target
    {
        get
        {
            lock (sync)
            {
                string name = Session.Target;
                if (targets.Count == 0 || targets[^1].Text != name)
                    targets.Add(new PinnedText(name));
                return targets[^1].Address;
            }
        }
    }

    /// <summary>Why that target was taken; null where it was named.</summary>
    public byte* TargetReason
    {
        get
        {
            lock (sync)
                return Session.TargetReason is { } text ? (reason ??= new PinnedText(text)).Address : null;
        }
    }

    public override void Free() => Session.Dispose();

    private static DeclaredTensor Describe(TensorInfo info) => new(
        new PinnedText(info.Name), info.Type, info.Dimensions is null ? null : PinnedShape.Of([.. info.Dimensions.Select(dim => dim.Size)]));
}

/// <summary>An input or output as the session describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The element type.</param>
/// <param name="Shape">Sizes, -1 where open; null where not even the rank is known.</param>
internal sealed record DeclaredTensor(PinnedText Name, ElementType Type, PinnedShape? Shape);

/// <summary>Text that callers hold a pointer to: UTF-8, ending with a zero.</summary>
internal sealed unsafe class PinnedText
{
    private readonly byte[] bytes;

    public PinnedText(string text)
    {
        Text = text;
        bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
    }

    public string Text { get; }

    public byte* Address => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0);
}

/// <summary>Sizes that callers hold a pointer to.</summary>
internal sealed unsafe class PinnedShape
{
    private readonly long[] sizes;

    private PinnedShape(long[] sizes) => this.sizes = sizes;

    public int Rank => sizes.Length;

    public ReadOnlySpan<long> Sizes => sizes;

    public long* Address => (long*)Marshal.UnsafeAddrOfPinnedArrayElement(sizes, 0);

    public static PinnedShape Of(ReadOnlySpan<long> sizes)
    {
        long[] pinned = GC.AllocateUninitializedArray<long>(sizes.Length, pinned: true);
        sizes.CopyTo(pinned);
        return new PinnedShape(pinned);
    }
}

/// <summary><c>hc_run</c>: one caller's buffers, held in place while that caller has pointers to them.</summary>
internal sealed unsafe class RunResource : Resource
{
    private readonly MemoryHandle[] inputs, outputs;
    private readonly PinnedShape?[] inputShapes, outputShapes;
    private CancellationTokenSource cancellation = new();
    private volatile bool executing;

    public RunResource(SessionResource session, Run run)
    {
        Session = session;
        Run = run;
        inputs = new MemoryHandle[session.Inputs.Length];
        outputs = new MemoryHandle[session.Outputs.Length];
        inputShapes = new PinnedShape?[inputs.Length];
        outputShapes = new PinnedShape?[outputs.Length];
    }

    public SessionResource Session { get; }

    public Run Run { get; }

    public override string Kind => "a run";

    /// <exception cref="CallException">The session is closed.</exception>
    public void Execute()
    {
        using Lease<SessionResource> session = Session.TryEnter() ? new(Session) : throw new CallException(Status.Handle, "the session of this run has been closed");
        Unpin(outputs);
        if (cancellation.IsCancellationRequested)
            cancellation = new CancellationTokenSource();
        executing = true;
        try
        {
            Run.Execute(cancellation.Token);
        }
        finally
        {
            executing = false;
        }
    }

    /// <summary>Ends the execution in progress between two steps; nothing when there is none. From any thread.</summary>
    public void Cancel()
    {
        if (executing)
            cancellation.Cancel();
    }

    public TensorView Input(int index)
    {
        ReadOnlySpan<long> shape = Run.InputShape(index);
        DeclaredTensor declared = Session.Inputs[index];
        return View(declared.Name, Session.Session.Graph.Inputs[index].Type, shape, Run.InputBytes(index), ref inputs[index], ref inputShapes[index]);
    }

    public TensorView Output(int index)
    {
        ReadOnlySpan<long> shape = Run.OutputShape(index);
        return View(Session.Outputs[index].Name, Run.OutputType(index), shape, Run.OutputBytes(index), ref outputs[index], ref outputShapes[index]);
    }

    public override void Free()
    {
        Unpin(inputs);
        Unpin(outputs);
        Run.Dispose();
    }

    private static TensorView View(PinnedText name, ElementType type, ReadOnlySpan<long> shape, Memory<byte> bytes, ref MemoryHandle pin, ref PinnedShape? kept)
    {
        if (pin.Pointer is null)
            pin = bytes.Pin();
        if (kept is null || !kept.Sizes.SequenceEqual(shape))
            kept = PinnedShape.Of(shape);
        return new TensorView { Name = name.Address, Type = (int)type, Rank = kept.Rank, Shape = kept.Address, Data = pin.Pointer, Bytes = (nuint)bytes.Length };
    }

    private static void Unpin(MemoryHandle[] pins)
    {
        foreach (ref MemoryHandle pin in pins.AsSpan())
        {
            pin.Dispose();
            pin = default;
        }
    }
}
