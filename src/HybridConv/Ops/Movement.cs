using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>
/// One rectangular copy: the element at every index of the shape goes from <paramref name="From"/> to <paramref name="To"/>.
/// Offsets and strides count elements from the operand's own first element; source strides may be zero (repeat) or negative (reverse).
/// </summary>
/// <param name="Input">The operand that is read; <see cref="Fill"/> for the movement's fill value.</param>
/// <param name="From">Where elements come from.</param>
/// <param name="Output">The operand that is written.</param>
/// <param name="To">Where they go; of the same shape as <paramref name="From"/>, and no two indices share an element.</param>
internal sealed record Move(int Input, TensorView From, int Output, TensorView To)
{
    /// <summary>In the place of an input: the movement's fill value.</summary>
    public const int Fill = -1;

    public Shape Shape => To.Shape;

    /// <summary>Writes the fill value to all of <paramref name="to"/>.</summary>
    public static Move FillOf(int output, TensorView to) => new(Fill, new TensorView(to.Shape, 0, new long[to.Shape.Rank]), output, to);
}

/// <summary>
/// The spec of every operator that only moves elements: transpose, concat, split, slice, expand, pad and their kin are lists of
/// strided copies that together write every output element once. Elements are opaque: only their size matters.
/// </summary>
/// <param name="Type">The element type of everything that moves.</param>
/// <param name="Moves">The copies, in any order.</param>
/// <param name="FillBits">The little-endian bits of one element, for moves that read <see cref="Move.Fill"/>.</param>
internal sealed record Movement(ElementType Type, IReadOnlyList<Move> Moves, ulong FillBits = 0)
{
    /// <summary>The movement that copies input 0 to output 0, which have equally many elements in the same dense order.</summary>
    public static Movement Relabel(Node node)
    {
        TensorView dense = TensorView.Dense(new Shape(node.Output.KnownShape.Elements));
        return new Movement(node.Input(0).Type, [new Move(0, dense, 0, dense)]);
    }

    /// <summary>The view of a value in its buffer, counted from its own first element.</summary>
    public static TensorView ViewOf(Value value) => value.KnownView with { Offset = 0 };

    /// <summary>All bytes that are written.</summary>
    public long Bytes => Moves.Sum(m => m.Shape.Elements) * Type.Size();

    /// <summary>Copies element by element. Tensors declared float32 hold <typeparamref name="T"/>.</summary>
    public void Reference<T>(in Operands x) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (Elements.SizeOf<T>(Type))
        {
            case 1: Copy(x, (byte)FillBits); break;
            case 2: Copy(x, (ushort)FillBits); break;
            case 4: Copy(x, (uint)FillBits); break;
            default:
                bool widened = Type == ElementType.Float32;
                Copy(x, widened ? BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle((uint)FillBits)) : FillBits);
                break;
        }
    }

    private void Copy<E>(in Operands x, E fill) where E : unmanaged
    {
        for (int i = 0; i < Moves.Count; i++)
        {
            Move move = Moves[i];
            Span<E> y = x.Output<E>(move.Output);
            ReadOnlySpan<E> source = move.Input == Move.Fill ? new ReadOnlySpan<E>(in fill) : x.Input<E>(move.Input);
            for (var walk = new Walk(move.Shape, move.From.Strides, move.To.Strides); walk.Live; walk.Next())
                y[(int)move.To.Offset + walk[1]] = source[(int)move.From.Offset + walk[0]];
        }
    }
}

/// <summary>Elements as opaque bits.</summary>
internal static class Elements
{
    /// <summary>The little-endian bits of a tensor's only element.</summary>
    public static ulong Bits(Tensor single)
    {
        Span<byte> bits = stackalloc byte[sizeof(ulong)];
        bits.Clear();
        single.Data.Span.CopyTo(bits);
        return BinaryPrimitives.ReadUInt64LittleEndian(bits);
    }

    /// <summary>Bytes of one element of a tensor declared <paramref name="type"/>, when float32 tensors hold <typeparamref name="T"/>.</summary>
    public static int SizeOf<T>(ElementType type) where T : unmanaged => type == ElementType.Float32 ? Unsafe.SizeOf<T>() : type.Size();
}
