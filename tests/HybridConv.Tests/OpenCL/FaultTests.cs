using HybridConv.Cl;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Running;
using HybridConv.Testing.Devices;
using Silk.NET.OpenCL;
using Xunit;

namespace HybridConv.Tests.OpenCL;

/// <summary>
/// A driver that fails, call by call: every call that a session makes from its opening to its end fails once. Each failure is one typed error that names function
/// and status, nothing leaks, and the next session works as if nothing had happened.
/// </summary>
public sealed class FaultTests : IDisposable
{
    private static readonly int[] Statuses = [-5, -4, -6, -36, -34, -30, -59];

    private const int LostDevice = -36;

    private readonly DeviceSession network = new();

    public void Dispose() => network.Dispose();

    /// <summary>Arenas in the host's memory, as devices that are processors have them, and in the device's own; kernels checked before they are used, and not.</summary>
    [Theory]
    [InlineData(DeviceType.Cpu, false)]
    [InlineData(DeviceType.Gpu, false)]
    [InlineData(DeviceType.Cpu, true)]
    public void Every_call_may_fail(DeviceType type, bool selfTest)
    {
        IClApi device = new DisguisedApi(OpenClDevice.Api) { Type = type };
        SessionOptions options = DeviceSession.Options with { SelfTest = selfTest };
        var clean = new WatchedApi(device);
        Assert.Equal(network.Expected, network.Play(clean, options));
        Assert.Empty(clean.Live);
        Assert.Empty(clean.Misuses);

        var failures = new List<string>();
        foreach ((string function, int calls) in clean.Calls)
            for (int index = 0; index < calls && failures.Count < 10; index++)
                if (Check(device, options, new Fault(function, index, Statuses[index % Statuses.Length])) is { } failure)
                    failures.Add(failure);
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    /// <summary>From some call on, nothing works any more. What was mapped cannot be given back; all else is released.</summary>
    [Theory]
    [InlineData(DeviceType.Cpu, "clEnqueueNDRangeKernel", 0)]
    [InlineData(DeviceType.Cpu, "clEnqueueNDRangeKernel", 2)]
    [InlineData(DeviceType.Cpu, "clFinish", 0)]
    [InlineData(DeviceType.Cpu, "clFinish", 1)]
    [InlineData(DeviceType.Gpu, "clEnqueueNDRangeKernel", 2)]
    [InlineData(DeviceType.Gpu, "clEnqueueWriteBuffer", 0)]
    [InlineData(DeviceType.Gpu, "clFlush", 0)]
    [InlineData(DeviceType.Gpu, "clGetEventInfo", 0)]
    public void A_device_may_be_lost(DeviceType type, string function, int index)
    {
        var api = new WatchedApi(new DisguisedApi(OpenClDevice.Api) { Type = type }) { Fault = new Fault(function, index, LostDevice) { Lasts = true } };
        DeviceException error = Assert.Throws<DeviceException>(() => network.Play(api));
        Assert.Equal("CL_INVALID_COMMAND_QUEUE", error.DeviceStatus);
        Assert.All(api.Live, kind => Assert.Equal(WatchedApi.Mapping, kind));
        Assert.Empty(api.Misuses);
        Assert.Equal(network.Expected, network.Play(new WatchedApi(OpenClDevice.Api)));
    }

    [Fact]
    public void A_kernel_that_does_not_build_is_an_error_with_file_options_and_log()
    {
        var api = new WatchedApi(OpenClDevice.Api);
        var context = new DeviceContext(api, OpenClDevice.Entry);
        DeviceException error = Assert.Throws<DeviceException>(() => context.Programs.Get(new ClProgram("conv/reference.cl", "-D conv_reference=1")));
        Assert.Contains("clBuildProgram (opencl/conv/reference.cl with ", error.Message);
        Assert.Contains("-D conv_reference=1", error.Message);
        Assert.Contains("CL_BUILD_PROGRAM_FAILURE (-11)", error.Message);
        Assert.Equal("CL_BUILD_PROGRAM_FAILURE", error.DeviceStatus);
        Assert.Contains("error", error.BuildLog);
        Assert.Contains(error.BuildLog!, error.Message);
        context.Release();
        Assert.Empty(api.Live);
    }

    [Fact]
    public void A_buffer_over_the_devices_limit_is_refused_before_it_is_asked_for()
    {
        var api = new WatchedApi(OpenClDevice.Api);
        var context = new DeviceContext(api, OpenClDevice.Entry);
        ResourceLimitException error = Assert.Throws<ResourceLimitException>(() => context.Allocate(long.MaxValue));
        Assert.Contains(OpenClDevice.Entry.Facts.Name, error.Message);
        Assert.DoesNotContain("clCreateBuffer", api.Calls.Keys);
        context.Release();
    }

    /// <summary>A session may be closed before its runs, and a run be disposed twice.</summary>
    [Fact]
    public void Whatever_is_closed_first_nothing_leaks()
    {
        var api = new WatchedApi(OpenClDevice.Api);
        Session session = network.Open(api);
        Run run = session.CreateRun(), other = session.CreateRun();
        network.Fill(run);
        run.Execute();
        session.Dispose();
        session.Dispose();
        Assert.NotEmpty(api.Live);
        run.Dispose();
        run.Dispose();
        other.Dispose();
        Assert.Empty(api.Live);
        Assert.Empty(api.Misuses);
    }

    /// <summary>What is wrong after one fault; null when all is well.</summary>
    private string? Check(IClApi device, SessionOptions options, Fault fault)
    {
        var api = new WatchedApi(device) { Fault = fault };
        string? problem;
        try
        {
            problem = Play(api, options, fault);
        }
        catch (Exception e)
        {
            problem = e is DeviceException or ResourceLimitException ? WhyNotAsPromised(fault, e) : $"{e}";
        }
        string[] left = [.. api.Live.Where(kind => kind != WatchedApi.Mapping || fault.Function != "clEnqueueUnmapMemObject")];
        problem ??= api.Misuses.FirstOrDefault() ?? (left.Length > 0 ? $"there still are: {string.Join(", ", left)}" : null);
        api.Fault = null;
        if (problem is null)
            problem = network.Play(api, options).SequenceEqual(network.Expected) ? null : "the next session computes something else";
        return problem is null ? null : $"{fault}: {problem}";
    }

    /// <summary>A session whose run is executed again when it fails: faults pass.</summary>
    private string? Play(WatchedApi api, SessionOptions options, Fault fault)
    {
        using Session session = network.Open(api, options);
        using Run run = session.CreateRun();
        network.Fill(run);
        try
        {
            run.Execute();
        }
        catch (DeviceException e)
        {
            if (WhyNotAsPromised(fault, e) is { } why)
                return why;
            network.Fill(run);
            run.Execute();
        }
        return run.Output<float>(0).SequenceEqual(network.Expected) ? null : "the answer is another one";
    }

    /// <summary>Questions about a device may stay without an answer: then it is refused, or used for less. All else is named.</summary>
    private static string? WhyNotAsPromised(Fault fault, Exception error) =>
        fault.Function is "clGetPlatformIDs" or "clGetDeviceIDs" or "clGetPlatformInfo" or "clGetDeviceInfo" ? null
        : error is not DeviceException device ? $"{error.GetType().Name}: {error.Message}"
        : !error.Message.Contains(fault.Function, StringComparison.Ordinal) ? $"the message does not name the function: {error.Message}"
        : !error.Message.Contains(ClStatus.Name(fault.Status), StringComparison.Ordinal) ? $"the message does not name the status: {error.Message}"
        : device.DeviceStatus is null ? "the error has no status" : null;
}
