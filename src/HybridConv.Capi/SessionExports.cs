using System.Runtime.InteropServices;

namespace HybridConv.Capi;

/// <summary>The functions of hybridconv.h that describe sessions and make runs of them.</summary>
internal static unsafe class SessionExports
{
    [UnmanagedCallersOnly(EntryPoint = "hc_session_describe")]
    public static Status Describe(nint session, SessionInfo* info)
    {
        try
        {
            using Lease<SessionResource> lease = Handles.Share<SessionResource>(session);
            SessionResource resource = lease.Resource;
            var described = new SessionInfo
            {
                Target = resource.Target,
                TargetReason = resource.TargetReason,
                InputCount = (nuint)resource.Inputs.Length,
                OutputCount = (nuint)resource.Outputs.Length,
                Threads = resource.Session.Threads,
            };
            Sized.Write(info, described, "info");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_session_input")]
    public static Status Input(nint session, nuint index, TensorView* tensor)
    {
        try
        {
            using Lease<SessionResource> lease = Handles.Share<SessionResource>(session);
            Sized.Write(tensor, View(lease.Resource.Inputs, index, "input"), "tensor");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_session_output")]
    public static Status Output(nint session, nuint index, TensorView* tensor)
    {
        try
        {
            using Lease<SessionResource> lease = Handles.Share<SessionResource>(session);
            Sized.Write(tensor, View(lease.Resource.Outputs, index, "output"), "tensor");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_create")]
    public static Status CreateRun(nint session, ShapeSetting* shapes, nuint count, nint* run)
    {
        try
        {
            if (run is null)
                throw CallException.NullPointer("run");
            *run = 0;
            using Lease<SessionResource> lease = Handles.Share<SessionResource>(session);
            SessionResource resource = lease.Resource;
            *run = Handles.Add(new RunResource(resource, resource.Session.CreateRun(SettingsReader.Shapes(shapes, count, "shapes"))));
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_session_close")]
    public static Status Close(nint session)
    {
        try
        {
            Handles.Close<SessionResource>(session);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    private static TensorView View(DeclaredTensor[] tensors, nuint index, string kind)
    {
        if (index >= (nuint)tensors.Length)
            throw new CallException((Status)ErrorCode.Operand, $"There is no {kind} {index}; this network has {tensors.Length}.");
        DeclaredTensor tensor = tensors[index];
        return new TensorView { Name = tensor.Name.Address, Type = (int)tensor.Type, Rank = tensor.Shape?.Rank ?? -1, Shape = tensor.Shape is { } shape ? shape.Address : null };
    }
}
