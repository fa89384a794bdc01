using System.Diagnostics;
using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Running;

/// <summary>
/// Waits for a queue to run dry. Drivers of GPUs mostly spin in clFinish; so the thread sleeps for most of the time that the last wait took, and looks now and
/// then for the rest. Devices that are processors need the core themselves, and their drivers block.
/// </summary>
internal sealed unsafe class QueueWait(DeviceContext context, nint queue)
{
    /// <summary>The share of the expected time that is slept, and what the system may add to a sleep.</summary>
    private const double Slept = 0.8, Oversleep = 1.2;

    /// <summary>CL_COMPLETE; what is above it is not done yet, what is below failed.</summary>
    private const int Complete = 0;

    private readonly bool sleeps = Knobs.OpenClSleeps ?? !context.SharesHostMemory;
    private double expectedMilliseconds;

    /// <exception cref="DeviceException">Something in the queue failed, or the device is lost.</exception>
    public void Finish()
    {
        if (sleeps)
            Sleep();
        else
            ClStatus.Check(context.Api.Finish(queue), "clFinish");
    }

    private void Sleep()
    {
        long start = Stopwatch.GetTimestamp();
        nint marker;
        ClStatus.Check(context.Api.EnqueueMarker(queue, &marker), "clEnqueueMarkerWithWaitList");
        try
        {
            ClStatus.Check(context.Api.Flush(queue), "clFlush");
            double sleep = expectedMilliseconds * Slept - Oversleep;
            if (sleep >= 1)
                Thread.Sleep((int)sleep);
            while (Status(marker) > Complete)
                Thread.Yield();
        }
        finally
        {
            _ = context.Api.ReleaseEvent(marker);
        }
        // The shorter of the last two: one slow run must not make the next ones sleep too long.
        double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        expectedMilliseconds = expectedMilliseconds == 0 ? took : Math.Min(took, expectedMilliseconds * 1.25);
    }

    private int Status(nint marker)
    {
        int status;
        ClStatus.Check(context.Api.GetEventInfo(marker, EventInfo.CommandExecutionStatus, sizeof(int), &status, null), "clGetEventInfo");
        return status >= Complete ? status : throw ClStatus.Error(status, "a run");
    }
}
