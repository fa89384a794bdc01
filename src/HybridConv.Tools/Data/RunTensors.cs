using System.Runtime.InteropServices;
using HybridConv.Graphs;

namespace HybridConv.Tools.Data;

/// <summary>Moves tensors of any element type into and out of a run.</summary>
internal static class RunTensors
{
    /// <summary>Fills an input. Shape and type must be those of the session.</summary>
    public static void Fill(this Run run, int index, HostTensor tensor)
    {
        switch (tensor.Type)
        {
            case ElementType.Float32: Copy<float>(); break;
            case ElementType.Float16: Copy<Half>(); break;
            case ElementType.Float64: Copy<double>(); break;
            case ElementType.Int64: Copy<long>(); break;
            case ElementType.UInt64: Copy<ulong>(); break;
            case ElementType.Int32: Copy<int>(); break;
            case ElementType.UInt32: Copy<uint>(); break;
            case ElementType.Int16: Copy<short>(); break;
            case ElementType.UInt16: Copy<ushort>(); break;
            case ElementType.Int8: Copy<sbyte>(); break;
            case ElementType.UInt8: Copy<byte>(); break;
            case ElementType.Bool: Copy<bool>(); break;
            default: throw new UsageException($"{tensor.Type.Label()} cannot be given to a network");
        }

        void Copy<T>() where T : unmanaged => tensor.Elements<T>().CopyTo(run.Input<T>(index));
    }

    /// <summary>A copy of an output.</summary>
    public static HostTensor Read(this Run run, int index, string name)
    {
        long[] shape = run.OutputShape(index).ToArray();
        return run.OutputType(index) switch
        {
            ElementType.Float32 => Copy<float>(),
            ElementType.Float16 => Copy<Half>(),
            ElementType.Float64 => Copy<double>(),
            ElementType.Int64 => Copy<long>(),
            ElementType.UInt64 => Copy<ulong>(),
            ElementType.Int32 => Copy<int>(),
            ElementType.UInt32 => Copy<uint>(),
            ElementType.Int16 => Copy<short>(),
            ElementType.UInt16 => Copy<ushort>(),
            ElementType.Int8 => Copy<sbyte>(),
            ElementType.UInt8 => Copy<byte>(),
            ElementType.Bool => Copy<bool>(),
            var type => throw new InvalidOperationException($"The output '{name}' holds {type.Label()}."),
        };

        HostTensor Copy<T>() where T : unmanaged => new(name, ElementTypes.Of<T>(), shape, MemoryMarshal.AsBytes(run.Output<T>(index)).ToArray());
    }

    /// <summary>Copies of all outputs, in the session's order.</summary>
    public static HostTensor[] ReadAll(this Run run, Session session) => [.. session.Outputs.Select((output, i) => run.Read(i, output.Name))];

    /// <summary>Numbers for every input: floating-point ones evenly distributed over [-1, 1), the same on every machine; ones elsewhere.</summary>
    public static HostTensor[] Seeded(IReadOnlyList<TensorInfo> inputs, IReadOnlyDictionary<string, long[]> shapes, int seed = 1) =>
        [.. inputs.Select((input, i) => Seeded(input, shapes[input.Name], new Random(seed + i)))];

    private static HostTensor Seeded(TensorInfo input, long[] shape, Random random)
    {
        var elements = new float[checked((int)new Shape(shape).Elements)];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = input.Type.IsFloat() ? random.NextSingle() * 2 - 1 : 1;
        return input.Type switch
        {
            ElementType.Float32 => Of(x => x),
            ElementType.Float16 => Of(x => (Half)x),
            ElementType.Float64 => Of(x => (double)x),
            ElementType.Int64 => Of(x => (long)x),
            ElementType.UInt64 => Of(x => (ulong)x),
            ElementType.Int32 => Of(x => (int)x),
            ElementType.UInt32 => Of(x => (uint)x),
            ElementType.Int16 => Of(x => (short)x),
            ElementType.UInt16 => Of(x => (ushort)x),
            ElementType.Int8 => Of(x => (sbyte)x),
            ElementType.UInt8 => Of(x => (byte)x),
            ElementType.Bool => Of(x => x != 0),
            _ => throw new UsageException($"'{input.Name}' takes {input.Type.Label()}, for which no numbers can be made up"),
        };

        HostTensor Of<T>(Func<float, T> convert) where T : unmanaged => HostTensor.Of<T>(input.Name, shape, elements.Select(convert).ToArray());
    }
}
