using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Passes;
using HybridConv.Planning;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace HybridConv.Compare.Torch;

/// <summary>A network as calls of torch, one after the other. Weights are torch's own copies; what a call gives is freed after its last reader.</summary>
internal sealed class TorchNetwork : IDisposable
{
    /// <summary>What somebody who deploys a network with torch would do to it: no layouts, and no fusions that torch does not have.</summary>
    private static readonly IPass[] Passes =
        [new RemoveDeadCode(), new RemoveIdentities(), new RecogniseActivations(), new FoldPad(), new FoldBatchNormalization(), new RemoveDeadCode()];

    private readonly Graph graph;
    private readonly Dictionary<Value, List<Node>> readers;
    private readonly Dictionary<Value, int> slots = [];
    private readonly List<Step> steps = [];
    private readonly Tensor?[] tensors;
    private readonly bool channelsLast;

    /// <param name="asRead">The network; it is not changed.</param>
    /// <param name="shapes">Of its inputs.</param>
    /// <param name="channelsLast">Whether images and filters have torch's memory format <c>channels_last</c> rather than <c>contiguous_format</c>.</param>
    /// <exception cref="EngineException">Names the operators for which there is no call.</exception>
    public TorchNetwork(Graph asRead, IReadOnlyDictionary<string, Shape> shapes, bool channelsLast)
    {
        this.channelsLast = channelsLast;
        graph = new Specialisation(shapes, new Dictionary<string, HybridConv.Graphs.Tensor>(), long.MaxValue).Apply(asRead);
        PassPipeline.Run(graph, Passes);
        readers = graph.Consumers();
        AddSteps();
        FreeAfterLastReader();
        foreach (Value value in graph.Outputs)
            Slot(value);
        tensors = new Tensor?[slots.Count];
        foreach ((Value value, int slot) in slots)
            if (value.Constant is { } constant)
            {
                using Tensor dense = Of(value.Name, constant.Type, constant.Data, constant.Shape.Dims.ToArray());
                tensors[slot] = Formatted(dense);
            }
    }

    /// <summary>One inference.</summary>
    /// <param name="inputs">In the graph's order, dense; they stay the caller's.</param>
    /// <returns>In the graph's order, dense; they are the caller's.</returns>
    public Tensor[] Run(IReadOnlyList<Tensor> inputs)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
            if (slots.TryGetValue(graph.Inputs[i], out int slot))
                tensors[slot] = Formatted(inputs[i]);
        foreach (Step step in steps)
        {
            Tensor result = step.Call(Array.ConvertAll(step.Inputs, slot => tensors[slot]!));
            foreach (int slot in step.Dead)
                Free(slot, except: result);
            tensors[step.Output] = result;
        }
        Tensor[] outputs = [.. graph.Outputs.Select(output => tensors[slots[output]]!.contiguous())];
        foreach (Value output in graph.Outputs)
            if (!output.IsConstant)
                Free(slots[output]);
        return outputs;
    }

    public void Dispose()
    {
        for (int slot = 0; slot < tensors.Length; slot++)
            Free(slot);
    }

    /// <summary>A tensor of torch's that holds a copy of the elements.</summary>
    public static Tensor Of(string name, ElementType type, ReadOnlyMemory<byte> data, long[] shape) => type == ElementType.Float32
        ? torch.tensor(MemoryMarshal.Cast<byte, float>(data.Span).ToArray(), shape)
        : throw new EngineException($"'{name}' holds {type.Label()}; only float32 is translated to torch");

    private void AddSteps()
    {
        var refused = new List<Node>();
        foreach (Node node in graph.Nodes)
            for (int i = 0; i < node.Outputs.Count; i++)
                if (!IsRead(node.Outputs[i]))
                    continue;
                else if (TorchCalls.Of(node, i, MayOverwrite(node.Input(0), node)) is { } call && node.Inputs.TrueForAll(input => input is not null))
                    steps.Add(new Step(call, [.. node.Inputs.Select(input => Slot(input!))], Slot(node.Outputs[i])));
                else
                    refused.Add(node);
        if (refused.Count > 0)
        {
            IEnumerable<string> ops = refused.GroupBy(node => node.Op.Name).Select(group => $"{group.Key} ({group.Count()}, for example {group.First().Name})");
            throw new EngineException($"not translated to torch: {string.Join(", ", ops)}");
        }
    }

    private void FreeAfterLastReader()
    {
        var last = new Dictionary<int, Step>();
        foreach (Step step in steps)
            foreach (int slot in step.Inputs)
                last[slot] = step;
        foreach ((Value value, int slot) in slots)
            if (!value.IsConstant && !graph.Outputs.Contains(value) && last.TryGetValue(slot, out Step? step))
                step.Dead.Add(slot);
    }

    private bool IsRead(Value value) => readers.ContainsKey(value) || graph.Outputs.Contains(value);

    /// <summary>Whether a node may write its result over an operand: it has the same shape, lies in memory of its own, and is read by nobody else.</summary>
    private bool MayOverwrite(Value operand, Node node) => operand.Producer is { } producer && TorchCalls.GivesOwnMemory(producer)
        && readers[operand].Count == 1 && !graph.Outputs.Contains(operand) && operand.KnownShape == node.Output.KnownShape;

    private int Slot(Value value)
    {
        if (!slots.TryGetValue(value, out int slot))
            slots[value] = slot = slots.Count;
        return slot;
    }

    /// <summary>The tensor in the network's memory format; only images and filters have a choice. The result is another object.</summary>
    private Tensor Formatted(Tensor dense)
    {
        if (!channelsLast || dense.dim() != 4)
            return dense.alias();
        using Tensor moved = dense.permute(0, 2, 3, 1), last = moved.contiguous();
        return last.permute(0, 3, 1, 2);
    }

    private void Free(int slot, Tensor? except = null)
    {
        if (!ReferenceEquals(tensors[slot], except))
            tensors[slot]?.Dispose();
        tensors[slot] = null;
    }

    /// <param name="Call">What is called.</param>
    /// <param name="Inputs">The slots of its operands.</param>
    /// <param name="Output">The slot of its result.</param>
    private sealed record Step(TorchCall Call, int[] Inputs, int Output)
    {
        /// <summary>Slots that nobody reads afterwards.</summary>
        public List<int> Dead { get; } = [];
    }
}
