using HybridConv.Tools.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace HybridConv.Compare;

/// <summary>
/// ONNX Runtime at its best on the CPU: all graph optimisations, inputs and outputs bound once to memory of its own, and workers that spin between the parts of a run.
/// </summary>
internal sealed class OnnxRuntimeEngine : IEngine
{
    private const string SpinningKey = "session.intra_op.allow_spinning";

    private readonly InferenceSession session;
    private readonly OrtIoBinding binding;
    private readonly RunOptions runOptions = new();
    private readonly List<OrtValue> bound = [];
    private OrtValue[]? outputs;

    public OnnxRuntimeEngine(Job job, HostTensor[] inputs)
    {
        // No log in the way: errors only.
        using var options = new OrtOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = job.Threads,
            InterOpNumThreads = 1,
            EnableMemoryPattern = true,
            EnableCpuMemArena = true,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry(SpinningKey, "1");
        session = new InferenceSession(job.Model, options);
        binding = session.CreateIoBinding();
        foreach (HostTensor input in inputs)
        {
            // ElementType and TensorElementType both number types as ONNX does.
            OrtValue value = Allocate((TensorElementType)input.Type, input.Shape);
            input.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
            binding.BindInput(input.Name, value);
        }
        foreach (string output in session.OutputNames)
            binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
        Options = new Dictionary<string, string>
        {
            ["execution provider"] = "CPUExecutionProvider",
            [nameof(options.GraphOptimizationLevel)] = $"{options.GraphOptimizationLevel}",
            [nameof(options.ExecutionMode)] = $"{options.ExecutionMode}",
            [nameof(options.IntraOpNumThreads)] = $"{options.IntraOpNumThreads}",
            [nameof(options.InterOpNumThreads)] = $"{options.InterOpNumThreads}",
            [nameof(options.EnableMemoryPattern)] = $"{options.EnableMemoryPattern}",
            [nameof(options.EnableCpuMemArena)] = $"{options.EnableCpuMemArena}",
            [SpinningKey] = "1",
            ["binding"] = "OrtIoBinding, inputs and outputs in preallocated OrtValues",
        };
    }

    public string Name => $"{Engines.OnnxRuntime} {OrtEnv.Instance().GetVersionString()}";

    public IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>The first run tells the outputs' shapes; from then on they are written to memory that stays.</summary>
    public void Execute()
    {
        session.RunWithBinding(runOptions, binding);
        if (outputs is not null)
            return;
        using IDisposableReadOnlyCollection<OrtValue> first = binding.GetOutputValues();
        outputs = new OrtValue[first.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            OrtTensorTypeAndShapeInfo about = first[i].GetTensorTypeAndShape();
            outputs[i] = Allocate(about.ElementDataType, about.Shape);
            first[i].GetTensorMutableRawData().CopyTo(outputs[i].GetTensorMutableRawData());
            binding.BindOutput(session.OutputNames[i], outputs[i]);
        }
    }

    public HostTensor[] Outputs() => [.. outputs!.Select((value, i) =>
    {
        OrtTensorTypeAndShapeInfo about = value.GetTensorTypeAndShape();
        return new HostTensor(session.OutputNames[i], (ElementType)about.ElementDataType, about.Shape, value.GetTensorMutableRawData().ToArray());
    })];

    public void Dispose()
    {
        binding.Dispose();
        foreach (OrtValue value in bound)
            value.Dispose();
        runOptions.Dispose();
        session.Dispose();
    }

    private OrtValue Allocate(TensorElementType type, long[] shape)
    {
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        bound.Add(value);
        return value;
    }
}
