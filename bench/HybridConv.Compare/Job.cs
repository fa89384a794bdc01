using HybridConv.Tools.Data;

namespace HybridConv.Compare;

/// <summary>What a worker process is to do; written to a file by the parent.</summary>
/// <param name="Engine">The engine's name.</param>
/// <param name="Variant">One of the engine's variants.</param>
/// <param name="Model">The ONNX file.</param>
/// <param name="Threads">Threads of a run, the caller's included.</param>
/// <param name="Precision">HybridConv's.</param>
/// <param name="Inputs">One for every input of the model.</param>
/// <param name="Outputs">The folder that takes the outputs of the first run.</param>
internal sealed record Job(string Engine, string Variant, string Model, int Threads, Precision Precision, IReadOnlyList<StoredTensor> Inputs, string Outputs);

/// <summary>A tensor whose elements are in a file, little-endian and dense.</summary>
internal sealed record StoredTensor(string Name, ElementType Type, long[] Shape, string File)
{
    public static StoredTensor Write(HostTensor tensor, string file)
    {
        System.IO.File.WriteAllBytes(file, tensor.Bytes.Span);
        return new StoredTensor(tensor.Name, tensor.Type, tensor.Shape, file);
    }

    public HostTensor Read() => new(Name, Type, Shape, System.IO.File.ReadAllBytes(File));
}

/// <summary>What a worker answers when it has loaded the model and run it once.</summary>
/// <param name="Engine">Name and version.</param>
/// <param name="Options">Everything about the engine that was set, by the name that the engine gives it.</param>
/// <param name="LoadMs">From the file to a session with its buffers bound, the engine's own start included.</param>
/// <param name="FirstMs">The first run.</param>
/// <param name="Outputs">Of the first run.</param>
internal sealed record Loaded(string Engine, IReadOnlyDictionary<string, string> Options, double LoadMs, double FirstMs, IReadOnlyList<StoredTensor> Outputs);

/// <summary>What a worker answers when it has measured.</summary>
/// <param name="TimesMs">Every run, in order.</param>
/// <param name="PeakBytes">The most memory that the process ever had resident.</param>
internal sealed record Burst(double[] TimesMs, long PeakBytes);

/// <summary>The steps of one kernel; what a worker answers, the kernel that takes longest first, when it has looked at its steps one by one.</summary>
/// <param name="Kernel">Its name.</param>
/// <param name="Ms">The sum of each step's fastest time.</param>
/// <param name="LeastMs">What the machine's roofline allows: see <see cref="Tools.Roofline"/>.</param>
internal sealed record KernelShare(string Kernel, double Ms, double LeastMs);

/// <summary>One line of a worker's standard output: the answer to one command, or what went wrong.</summary>
internal sealed record Reply(Loaded? Loaded = null, Burst? Burst = null, IReadOnlyList<KernelShare>? Kernels = null, string? Error = null);
