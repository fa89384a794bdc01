using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Tools.Data;
using HybridConv.Tools.Reports;

namespace HybridConv.Capi;

/// <summary>The functions of hybridconv.h that fill, execute and read runs.</summary>
internal static unsafe class RunExports
{
    [UnmanagedCallersOnly(EntryPoint = "hc_run_input")]
    public static Status Input(nint run, nuint index, TensorView* tensor)
    {
        try
        {
            using Lease<RunResource> lease = Handles.Take<RunResource>(run);
            Sized.Write(tensor, lease.Resource.Input(Index(index)), "tensor");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_output")]
    public static Status Output(nint run, nuint index, TensorView* tensor)
    {
        try
        {
            using Lease<RunResource> lease = Handles.Take<RunResource>(run);
            Sized.Write(tensor, lease.Resource.Output(Index(index)), "tensor");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_set_input")]
    public static Status SetInput(nint run, nuint index, int type, void* data, nuint bytes)
    {
        try
        {
            using Lease<RunResource> lease = Handles.Take<RunResource>(run);
            TensorView input = lease.Resource.Input(Index(index));
            Require(input, type, data, bytes);
            Buffer.MemoryCopy(data, input.Data, input.Bytes, bytes);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_get_output")]
    public static Status GetOutput(nint run, nuint index, int type, void* data, nuint bytes)
    {
        try
        {
            using Lease<RunResource> lease = Handles.Take<RunResource>(run);
            TensorView output = lease.Resource.Output(Index(index));
            Require(output, type, data, bytes);
            Buffer.MemoryCopy(output.Data, data, bytes, output.Bytes);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_set_picture")]
    public static Status SetPicture(nint run, nuint index, PictureView* picture, PictureSettings* options)
    {
        try
        {
            using Lease<RunResource> lease = Handles.Take<RunResource>(run);
            RunResource resource = lease.Resource;
            TensorView input = resource.Input(Index(index));
            if (picture is null)
                throw CallException.NullPointer("picture");
            var declared = new TensorInfo(
                resource.Session.Session.Inputs[(int)index].Name, (ElementType)input.Type, [.. new ReadOnlySpan<long>(input.Shape, input.Rank).ToArray().Select(size => (Dimension)size)]);
            HostTensor prepared = PictureReader.Settings(Sized.Read(options, "options"), resource.Session.InputLayout).Prepare(PictureReader.Pixels(Sized.Read(picture, "picture")), declared);
            prepared.Bytes.Span.CopyTo(new Span<byte>(input.Data, (int)input.Bytes));
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_execute")]
    public static Status Execute(nint run)
    {
        try
        {
            using Lease<RunResource> lease = Handles.Take<RunResource>(run);
            lease.Resource.Execute();
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_cancel")]
    public static Status Cancel(nint run)
    {
        try
        {
            Handles.Find<RunResource>(run).Cancel();
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_explain")]
    public static Status Explain(nint run, int measure, byte** json)
    {
        try
        {
            if (json is not null)
                *json = null;
            using Lease<RunResource> lease = Handles.Take<RunResource>(run);
            RunResource resource = lease.Resource;
            Session session = resource.Session.Session;
            var shapes = session.Inputs.Index().ToDictionary(input => input.Item.Name, input => resource.Run.InputShape(input.Index).ToArray());
            using Run scratch = session.CreateRun(shapes);
            Json.Write(json, ExplainReport.Of(session, scratch, shapes, measure != 0), ToolsJson.Default.ExplainReport);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_run_close")]
    public static Status Close(nint run)
    {
        try
        {
            Handles.Close<RunResource>(run);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    /// <summary>An index that no tensor has stays one when it does not fit.</summary>
    private static int Index(nuint index) => (int)nuint.Min(index, int.MaxValue);

    private static void Require(TensorView tensor, int type, void* data, nuint bytes)
    {
        if (type != tensor.Type)
            throw new CallException((Status)ErrorCode.Operand, $"'{Name()}' holds {((ElementType)tensor.Type).Label()}, not {((ElementType)type).Label()}");
        if (bytes != tensor.Bytes)
            throw new CallException((Status)ErrorCode.Shape, $"'{Name()}' has {tensor.Bytes} bytes; got {bytes}");
        if (data is null && bytes > 0)
            throw CallException.NullPointer("data");

        string Name() => Text8.Read(tensor.Name, "name");
    }
}
