using HybridConv.Graphs;
using HybridConv.Tools.Data;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace HybridConv.Compare.Torch;

/// <summary>
/// torch on the CPU, as a program that has TorchSharp would run a network whose weights it got as ONNX: eagerly, call by call. Which memory format suits a
/// network better is measured.
/// </summary>
internal sealed class TorchEngine : IEngine
{
    private const string Contiguous = "contiguous", ChannelsLast = "channels_last";

    private readonly IDisposable inference;
    private readonly TorchNetwork network;
    private readonly Tensor[] inputs;
    private readonly string[] names;
    private Tensor[] outputs = [];

    private TorchEngine(Job job, HostTensor[] given)
    {
        TorchLibrary.Require();
        torch.set_num_threads(job.Threads);
        torch.set_num_interop_threads(1);
        inference = torch.inference_mode();
        using Model model = Model.Load(job.Model);
        names = [.. model.Outputs.Select(output => output.Name)];
        network = new TorchNetwork(model.Graph, given.ToDictionary(input => input.Name, input => new Shape(input.Shape)), job.Variant == ChannelsLast);
        inputs = [.. model.Graph.Inputs.Select(input => Of(given.First(tensor => tensor.Name == input.Name)))];
        Options = new Dictionary<string, string>
        {
            ["set_num_threads"] = $"{torch.get_num_threads()}",
            ["set_num_interop_threads"] = $"{torch.get_num_interop_threads()}",
            ["mode"] = "eager, torch.nn.functional under inference_mode",
            ["memory format"] = $"{Contiguous} and {ChannelsLast}, the faster one of each model, in its row; " +
                "inputs and outputs are contiguous in both, and their conversion belongs to the run",
            ["weights"] = "converted once; batch normalization and pads folded into convolutions",
            ["activations"] = "SiLU, GELU, Mish, softplus, hardswish and hardsigmoid recognised; " +
                "in place where torch can do that and nobody else reads the operand",
            ["memory"] = "tensors are freed after their last reader, outputs by the next run",
        };
    }

    /// <summary>torch, among the engines.</summary>
    public static Engine Entry { get; } =
        new(Engines.Torch, typeof(TorchEngine).Assembly, (job, inputs) => new TorchEngine(job, inputs)) { Variants = [Contiguous, ChannelsLast] };

    public string Name => $"{Engines.Torch} {torch.__version__} (TorchSharp {typeof(torch).Assembly.GetName().Version!.ToString(3)})";

    public IReadOnlyDictionary<string, string> Options { get; }

    public void Execute()
    {
        foreach (Tensor output in outputs)
            output.Dispose();
        outputs = network.Run(inputs);
    }

    public HostTensor[] Outputs() => [.. outputs.Select((output, i) => new HostTensor(names[i], ElementType.Float32, output.shape, output.bytes.ToArray()))];

    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[.. outputs, .. inputs])
            tensor.Dispose();
        network.Dispose();
        inference.Dispose();
    }

    private static Tensor Of(HostTensor tensor) => TorchNetwork.Of(tensor.Name, tensor.Type, tensor.Bytes, tensor.Shape);
}
