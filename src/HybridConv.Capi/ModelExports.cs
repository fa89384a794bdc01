using System.Runtime.InteropServices;
using HybridConv.Planning;
using HybridConv.Tools.Reports;

namespace HybridConv.Capi;

/// <summary>The functions of hybridconv.h that load, compare and compile models.</summary>
internal static unsafe class ModelExports
{
    [UnmanagedCallersOnly(EntryPoint = "hc_model_load")]
    public static Status Load(byte* path, ModelSettings* options, nint* model)
    {
        try
        {
            Clear(model, "model");
            string file = Text8.Read(path, "path");
            if (file.Length == 0)
                throw new CallException(Status.Argument, "path is empty");
            *model = Handles.Add(new ModelResource(Model.Load(file, SettingsReader.Model(Sized.Read(options, "options"))), Path.GetFileName(file)));
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_model_load_memory")]
    public static Status LoadMemory(byte* bytes, nuint size, ModelSettings* options, nint* model)
    {
        try
        {
            Clear(model, "model");
            if (bytes is null)
                throw CallException.NullPointer("bytes");
            ModelSettings settings = Sized.Read(options, "options");
            ModelOptions limits = SettingsReader.Model(settings);
            long most = Math.Min(limits.MaxModelBytes, Array.MaxLength);
            if (size > (nuint)most)
                throw new CallException((Status)ErrorCode.ResourceLimit, $"the model has {size} bytes, over the limit of {most}");
            var caller = new CallerMemory(bytes, (int)size);
            ReadOnlyMemory<byte> memory = settings.BorrowMemory != 0 ? caller.Memory : caller.GetSpan().ToArray();
            *model = Handles.Add(new ModelResource(Model.Load(memory, limits), "the model"));
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_model_save")]
    public static Status Save(nint model, byte* path)
    {
        try
        {
            using Lease<ModelResource> lease = Handles.Share<ModelResource>(model);
            lease.Resource.Model.Save(Text8.Read(path, "path"));
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_compile")]
    public static Status Compile(nint model, SessionSettings* options, nint* session)
    {
        try
        {
            Clear(session, "session");
            using Lease<ModelResource> lease = Handles.Share<ModelResource>(model);
            SessionOptions asked = SettingsReader.Session(Sized.Read(options, "options"));
            *session = Handles.Add(new SessionResource(lease.Resource.Model.Compile(asked), asked.InputLayout));
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_verify")]
    public static Status Verify(nint model, SessionSettings* options, byte* targets, byte* against, int* agrees, byte** json)
    {
        const int seed = 1;
        try
        {
            if (agrees is null)
                throw CallException.NullPointer("agrees");
            *agrees = 0;
            if (json is not null)
                *json = null;
            using Lease<ModelResource> lease = Handles.Share<ModelResource>(model);
            ModelResource resource = lease.Resource;
            SessionOptions session = SettingsReader.Session(Sized.Read(options, "options")) with { InputLayout = default, OutputLayout = default, Keep = null, Verify = default };
            string[] names = (Text8.ReadOptional(targets, "targets") ?? "cpu").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (names.Length == 0)
                throw new CallException(Status.Argument, "targets names no target");
            IReadOnlyList<TensorInfo> inputs = SessionShapes.Fix(resource.Model.Inputs, session);
            Graphs.Shape[] shapes = SessionShapes.Resolve(inputs, null);
            var byInput = inputs.Zip(shapes).ToDictionary(pair => pair.First.Name, pair => pair.Second.Dims.ToArray());
            VerifyReport report = VerifyReport.Of(
                resource.Name, resource.Model, names, Text8.ReadOptional(against, "against") ?? "reference", byInput, seed, target => session with { Target = target });
            *agrees = report.AllWithinBound ? 1 : 0;
            if (json is not null)
                Json.Write(json, report, ToolsJson.Default.VerifyReport);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_model_close")]
    public static Status Close(nint model)
    {
        try
        {
            Handles.Close<ModelResource>(model);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    private static void Clear(nint* handle, string argument)
    {
        if (handle is null)
            throw CallException.NullPointer(argument);
        *handle = 0;
    }
}
