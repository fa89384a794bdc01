using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Targets;

/// <summary>
/// The oracle: walks the network as it was read, operator by operator, in double precision. It shares no pass, planner or kernel with the fast targets:
/// only the operators' definitions. float32 values are held as double between operators and rounded once, at the outputs.
/// </summary>
internal sealed class ReferenceTarget : ITarget
{
    public string Name => "cpu:reference";
    public int Threads => 1;

    public MachinePeak? MeasurePeak() => null;

    public Plan Compile(PlanRequest request) => new ReferencePlan(request)
    {
        Steps = [],
        Passes = [],
        Outputs = [],
        ArenaBytes = 0,
        WeightBytes = 0,
    };

    public void Dispose()
    {
    }

    private sealed class ReferencePlan(PlanRequest request) : Plan
    {
        public PlanRequest Request => request;

        public override PlanRun CreateRun() => new Walker(this);
    }

    private sealed class Walker : PlanRun
    {
        private readonly PlanRequest request;
        private readonly byte[][] inputs;
        private readonly (ElementType Type, Shape Shape, byte[] Data)[] outputs;

        public Walker(ReferencePlan plan)
        {
            request = plan.Request;
            inputs = [.. request.Graph.Inputs.Select(i => new byte[request.InputShapes[i.Name].Elements * i.Type.Size()])];
            outputs = new (ElementType, Shape, byte[])[request.Graph.Outputs.Count];
        }

        public override Memory<byte> Input(int index) => inputs[index];

        public override Memory<byte> Output(int index) =>
            outputs[index].Data ?? throw new InvalidOperationException("The reference target knows its outputs only after Execute.");

        public override (ElementType Type, Shape Shape) OutputType(int index) => (outputs[index].Type, outputs[index].Shape);

        public override void Execute(CancellationToken cancellation)
        {
            Graph graph = request.Graph.Clone();
            Dictionary<Value, int> uses = CountUses(graph);
            var live = new Dictionary<Value, Operand>();
            for (int i = 0; i < graph.Inputs.Count; i++)
            {
                Value input = graph.Inputs[i];
                input.Shape = request.InputShapes[input.Name];
                Define(live, input, inputs[i]);
            }
            foreach (Node node in graph.Nodes)
            {
                cancellation.ThrowIfCancellationRequested();
                List<Value?> read = [.. node.Inputs];
                Compute(node, live);
                foreach (Value? input in read)
                    if (input is not null && --uses[input] == 0)
                    {
                        live.Remove(input);
                        input.Constant = null;
                    }
            }
            for (int i = 0; i < outputs.Length; i++)
            {
                Value output = graph.Outputs[i];
                outputs[i] = (output.Type, output.KnownShape, Narrow(output.Type, Data(live, output).Buffer));
            }
        }

        /// <summary>A plan without steps has no times to note.</summary>
        public override void Profile(Span<long> ticks) => Execute(default);

        public override void Dispose()
        {
        }

        /// <summary>How often each value is read: by nodes, and as an output, which no node's reading brings to zero.</summary>
        private static Dictionary<Value, int> CountUses(Graph graph)
        {
            var uses = new Dictionary<Value, int>();
            foreach (Value? value in graph.Nodes.SelectMany(n => n.Inputs).Concat(graph.Outputs))
                if (value is not null)
                    uses[value] = uses.GetValueOrDefault(value) + 1;
            return uses;
        }

        private void Compute(Node node, Dictionary<Value, Operand> live)
        {
            Infer(node);
            var x = new Operand[node.Inputs.Count];
            for (int i = 0; i < x.Length; i++)
                if (node.Inputs[i] is { } input)
                    x[i] = Data(live, input);
            var y = new Operand[node.Outputs.Count];
            for (int i = 0; i < y.Length; i++)
            {
                Value output = node.Outputs[i];
                long bytes = output.KnownShape.Elements * WideSize(output.Type);
                long limit = request.Options.MaxTensorBytes;
                if (bytes > limit)
                    throw new ResourceLimitException(
                        $"the value '{output.Name}' of shape {output.Shape} needs {bytes} bytes in double precision; the limit for one tensor is {limit} (MaxTensorBytes)");
                y[i] = new Operand(output.Type, TensorView.Dense(output.KnownShape), new byte[bytes], 0);
            }
            node.Op.Reference<double>(node, new Operands(x, y));
            for (int i = 0; i < y.Length; i++)
            {
                Value output = node.Outputs[i];
                Memory<byte> wide = y[i].Buffer;
                live[output] = y[i];
                // Operators that take shapes from data see it: here everything is known.
                output.Constant ??= Tensor.Derived(output.Type, output.KnownShape, output.Name, () => Narrow(output.Type, wide));
            }
        }

        private void Infer(Node node)
        {
            try
            {
                node.Op.Infer(new Inference(node));
            }
            catch (UnsupportedOperatorException e)
            {
                throw new UnsupportedModelException([new UnsupportedNode(node.Name, node.Op.Name, "", request.Graph.Opset, e.Message)]);
            }
        }

        /// <summary>An operand's wide data: computed earlier, or a constant widened now.</summary>
        private static Operand Data(Dictionary<Value, Operand> live, Value value)
        {
            if (!live.TryGetValue(value, out Operand operand))
                live[value] = operand = new Operand(value.Type, TensorView.Dense(value.KnownShape), Widen(value.Type, value.Constant!.Data), 0);
            return operand;
        }

        private static void Define(Dictionary<Value, Operand> live, Value value, byte[] data)
        {
            live[value] = new Operand(value.Type, TensorView.Dense(value.KnownShape), Widen(value.Type, data), 0);
            value.Constant ??= Tensor.From(value.Type, value.KnownShape, value.Name, data);
        }

        private static int WideSize(ElementType type) => type == ElementType.Float32 ? sizeof(double) : type.Size();

        /// <summary>float32 as double; other data as it is, not copied.</summary>
        private static Memory<byte> Widen(ElementType type, ReadOnlyMemory<byte> data)
        {
            if (type != ElementType.Float32)
                return MemoryMarshal.AsMemory(data);
            ReadOnlySpan<float> narrow = MemoryMarshal.Cast<byte, float>(data.Span);
            var wide = new byte[narrow.Length * sizeof(double)];
            Span<double> to = MemoryMarshal.Cast<byte, double>(wide.AsSpan());
            for (int i = 0; i < narrow.Length; i++)
                to[i] = narrow[i];
            return wide;
        }

        /// <summary>A copy in the element type proper.</summary>
        private static byte[] Narrow(ElementType type, Memory<byte> data)
        {
            if (type != ElementType.Float32)
                return data.ToArray();
            ReadOnlySpan<double> wide = MemoryMarshal.Cast<byte, double>(data.Span);
            var narrow = new byte[wide.Length * sizeof(float)];
            Span<float> to = MemoryMarshal.Cast<byte, float>(narrow.AsSpan());
            for (int i = 0; i < wide.Length; i++)
                to[i] = (float)wide[i];
            return narrow;
        }
    }
}
