using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;

namespace HybridConv.Testing;

/// <summary>
/// Runs single OpenCL rows on the first device of this machine. Operands are copied to the device with everything around them, and back, so that a test sees
/// also what was written where nothing should be; operands that share memory share it there. Working memory starts with all bits set. One for all tests of a process.
/// </summary>
internal sealed unsafe class DeviceRunner
{
    private static readonly Lazy<DeviceRunner?> Only = new(Open);

    private readonly DeviceContext context;
    private readonly nint queue;

    private DeviceRunner(DeviceContext context)
    {
        this.context = context;
        queue = context.CreateQueue();
    }

    /// <summary>Null where there is no device.</summary>
    public static DeviceRunner? Instance => Only.Value;

    /// <summary>The device as rows see it, with the kernels of a profile.</summary>
    public ClDevice Machine(ClProfile profile) => context.Device.Facts.ForRows(profile, reproducible: true);

    /// <summary>All profiles, of which a row may tell one from the others.</summary>
    public static IEnumerable<ClProfile> Profiles => Enum.GetValues<ClProfile>();

    public void Run(ClKernel kernel, Operand[] inputs, Operand[] outputs, PackedWeights? packed)
    {
        var buffers = new Dictionary<nint, (DeviceBuffer Buffer, Memory<byte> Memory)>();
        DeviceBuffer scratch = Filled(kernel.ScratchBytes);
        try
        {
            foreach (Operand operand in (IEnumerable<Operand>)[.. inputs, .. outputs])
                if (operand.Exists && !buffers.ContainsKey(Start(operand)))
                    buffers[Start(operand)] = (Copied(operand.Buffer.Span), operand.Buffer);
            foreach (ClLaunch launch in kernel.Launches.Where(l => l.Global.Items > 0))
                Enqueue(launch, inputs, outputs, packed, scratch, operand => buffers[Start(operand)].Buffer);
            foreach ((DeviceBuffer buffer, Memory<byte> memory) in buffers.Values)
                if (memory.Length > 0)
                    fixed (byte* to = memory.Span)
                        ClStatus.Check(context.Api.EnqueueReadBuffer(queue, buffer.Handle, blocking: true, 0, (nuint)memory.Length, to), "clEnqueueReadBuffer");
        }
        finally
        {
            foreach ((DeviceBuffer buffer, _) in buffers.Values)
                buffer.Dispose();
            scratch.Dispose();
        }
    }

    private static DeviceRunner? Open()
    {
        SilkApi? api = SilkApi.TryLoad(out _);
        DeviceCatalog catalog = api is null ? DeviceCatalog.None("") : DeviceCatalog.Of(api);
        return catalog.Devices.Count == 0 ? null : new DeviceRunner(new DeviceContext(api!, catalog.Find("opencl:0")));
    }

    private void Enqueue(ClLaunch launch, Operand[] inputs, Operand[] outputs, PackedWeights? packed, DeviceBuffer scratch, Func<Operand, DeviceBuffer> buffer)
    {
        nint kernel = context.CreateKernel(launch.Program, launch.Function);
        DeviceBuffer? weights = null;
        try
        {
            uint index = 0;
            void Set(nuint size, void* value) =>
                ClStatus.Check(context.Api.SetKernelArg(kernel, index++, size, value), $"clSetKernelArg ({index - 1} of {launch.Function} in {launch.Program.File})");
            void SetMemory(nint memory, long start)
            {
                Set((nuint)sizeof(nint), &memory);
                Set(sizeof(long), &start);
            }
            void SetOperand(Operand[] operands, int i)
            {
                if (i < operands.Length && operands[i].Exists)
                    SetMemory(buffer(operands[i]).Handle, operands[i].View.Offset);
                else
                    SetMemory(0, 0);
            }

            foreach (ClArgument argument in launch.Arguments)
                switch (argument.Kind)
                {
                    case ClArgumentKind.Input: SetOperand(inputs, argument.Index); break;
                    case ClArgumentKind.Output: SetOperand(outputs, argument.Index); break;
                    case ClArgumentKind.Packed: SetMemory((weights ??= Copied(packed!.Memory.Span)).Handle, argument.Bits / sizeof(float)); break;
                    case ClArgumentKind.Scratch: SetMemory(scratch.Handle, argument.Bits / sizeof(float)); break;
                    case ClArgumentKind.Local: Set((nuint)argument.Bits, null); break;
                    case ClArgumentKind.Long:
                        long wide = argument.Bits;
                        Set(sizeof(long), &wide);
                        break;
                    default:
                        int bits = (int)argument.Bits;
                        Set(sizeof(int), &bits);
                        break;
                }
            nuint* global = stackalloc nuint[] { (nuint)launch.Global.X, (nuint)launch.Global.Y, (nuint)launch.Global.Z };
            nuint* local = stackalloc nuint[] { (nuint)launch.Local.X, (nuint)launch.Local.Y, (nuint)launch.Local.Z };
            ClStatus.Check(context.Api.EnqueueNdRangeKernel(queue, kernel, 3, global, local, null), $"clEnqueueNDRangeKernel ({launch.Function} in {launch.Program.File})");
            ClStatus.Check(context.Api.Finish(queue), "clFinish");
        }
        finally
        {
            weights?.Dispose();
            _ = context.Api.ReleaseKernel(kernel);
        }
    }

    /// <summary>Where an operand's memory starts.</summary>
    private static nint Start(Operand operand) => operand.Address - (nint)(operand.View.Offset * operand.Type.Size());

    private DeviceBuffer Copied(ReadOnlySpan<byte> bytes)
    {
        DeviceBuffer buffer = context.Allocate(bytes.Length);
        if (bytes.Length > 0)
            fixed (byte* from = bytes)
                ClStatus.Check(context.Api.EnqueueWriteBuffer(queue, buffer.Handle, blocking: true, 0, (nuint)bytes.Length, from), "clEnqueueWriteBuffer");
        return buffer;
    }

    private DeviceBuffer Filled(long bytes)
    {
        byte[] set = new byte[bytes];
        set.AsSpan().Fill(0xFF);
        return Copied(set);
    }
}
