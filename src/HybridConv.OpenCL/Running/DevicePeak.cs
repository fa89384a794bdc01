using HybridConv.Cl;
using HybridConv.OpenCL.Api;
using HybridConv.Targets;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Running;

/// <summary>Measures a device's two ceilings with kernels that do nothing else: multiply-adds in registers, and copies of memory that no cache holds.</summary>
internal sealed unsafe class DevicePeak(DeviceContext context, int lanes)
{
    private const int Repeats = 5, Chains = 8;

    public MachinePeak Measure()
    {
        nint queue = context.CreateQueue(CommandQueueProperties.ProfilingEnable);
        try
        {
            return new MachinePeak(MultiplyAdds(queue), Copies(queue));
        }
        finally
        {
            _ = context.Api.ReleaseCommandQueue(queue);
        }
    }

    /// <summary>GFLOP/s, an FMA counting two.</summary>
    private double MultiplyAdds(nint queue)
    {
        bool processor = context.SharesHostMemory;
        int steps = processor ? 1 << 16 : 1 << 12, width = processor ? lanes : 1;
        long local = processor ? 1 : Math.Min(256, context.Device.Facts.MaxWorkGroup), items = processor ? 4L * context.Device.Facts.ComputeUnits : local * context.Device.Facts.ComputeUnits * 16;
        using DeviceBuffer results = context.Allocate(items * sizeof(float));
        string vector = width == 1 ? "float" : $"float{width}";
        double nanoseconds = Fastest(queue, new ClProgram("probe/peak.cl", $"-D VECTOR={vector}"), "multiply_adds", [results], [steps, 0.999f, 0.001f], items, local);
        return 2.0 * Chains * width * steps * items / nanoseconds;
    }

    /// <summary>GB/s, bytes read and bytes written together.</summary>
    private double Copies(nint queue)
    {
        bool processor = context.SharesHostMemory;
        const int BytesPerCopy = 16;
        long bytes = Math.Min(context.Device.Facts.MaxAllocation / 4, processor ? 64L << 20 : 512L << 20);
        long local = processor ? 1 : Math.Min(256, context.Device.Facts.MaxWorkGroup);
        int count = processor ? 4096 : 8;
        long items = Math.Max(1, bytes / BytesPerCopy / count / local) * local;
        using DeviceBuffer from = context.Allocate(items * count * BytesPerCopy), to = context.Allocate(items * count * BytesPerCopy);
        float one = 1;
        ClStatus.Check(context.Api.EnqueueFillBuffer(queue, from.Handle, &one, sizeof(float), 0, (nuint)from.Bytes), "clEnqueueFillBuffer");
        double nanoseconds = Fastest(queue, new ClProgram("probe/peak.cl"), "copy", [from, to], [count], items, local);
        return 2.0 * items * count * BytesPerCopy / nanoseconds;
    }

    /// <summary>The shortest of a few launches, by the device's own clock, after one that is not counted.</summary>
    private double Fastest(nint queue, ClProgram program, string function, DeviceBuffer[] buffers, ClArgument[] numbers, long items, long local)
    {
        IClApi api = context.Api;
        nint kernel = context.CreateKernel(program, function);
        try
        {
            uint index = 0;
            foreach (DeviceBuffer buffer in buffers)
            {
                nint handle = buffer.Handle;
                long start = 0;
                ClStatus.Check(api.SetKernelArg(kernel, index++, (nuint)sizeof(nint), &handle), "clSetKernelArg");
                ClStatus.Check(api.SetKernelArg(kernel, index++, sizeof(long), &start), "clSetKernelArg");
            }
            foreach (ClArgument number in numbers)
            {
                int bits = (int)number.Bits;
                ClStatus.Check(api.SetKernelArg(kernel, index++, sizeof(int), &bits), "clSetKernelArg");
            }
            double fastest = double.PositiveInfinity;
            nuint global = (nuint)items, group = (nuint)local;
            for (int repeat = 0; repeat <= Repeats; repeat++)
            {
                nint done;
                ClStatus.Check(api.EnqueueNdRangeKernel(queue, kernel, 1, &global, &group, &done), "clEnqueueNDRangeKernel");
                ClStatus.Check(api.Finish(queue), "clFinish");
                double took = EventTime.Nanoseconds(api, done);
                _ = api.ReleaseEvent(done);
                if (repeat > 0)
                    fastest = Math.Min(fastest, took);
            }
            return fastest;
        }
        finally
        {
            _ = api.ReleaseKernel(kernel);
        }
    }
}

/// <summary>How long the device worked on a command.</summary>
internal static unsafe class EventTime
{
    public static double Nanoseconds(IClApi api, nint completion)
    {
        ulong start, end;
        ClStatus.Check(api.GetEventProfilingInfo(completion, ProfilingInfo.Start, sizeof(ulong), &start, null), "clGetEventProfilingInfo");
        ClStatus.Check(api.GetEventProfilingInfo(completion, ProfilingInfo.End, sizeof(ulong), &end, null), "clGetEventProfilingInfo");
        return end - start;
    }
}
