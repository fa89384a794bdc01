using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>A tensor's memory during a run: its element type, where its elements lie, and the bytes of the whole buffer that it lies in.</summary>
/// <param name="Type">The element type; <see cref="ElementType.None"/> for an absent optional operand.</param>
/// <param name="View">Shape, offset and strides in elements, relative to <paramref name="Buffer"/>.</param>
/// <param name="Buffer">The buffer's bytes.</param>
/// <param name="Address">The address of the element at offset 0 of the view (that is, already moved by <see cref="TensorView.Offset"/>); 0 in managed memory.</param>
internal readonly record struct Operand(ElementType Type, TensorView View, Memory<byte> Buffer, nint Address)
{
    public bool Exists => Type != ElementType.None;
}

/// <summary>The operands of one node in its own order: inputs, then outputs.</summary>
internal readonly ref struct Operands(ReadOnlySpan<Operand> inputs, ReadOnlySpan<Operand> outputs)
{
    private readonly ReadOnlySpan<Operand> inputs = inputs, outputs = outputs;

    public int InputCount => inputs.Length;
    public int OutputCount => outputs.Length;
    public bool Has(int input) => input < inputs.Length && inputs[input].Exists;
    public ElementType InputType(int input) => inputs[input].Type;
    public ElementType OutputType(int output) => outputs[output].Type;
    public TensorView OutputView(int output) => outputs[output].View;

    /// <summary>The input's elements from its first one on; index them with the view's strides. <typeparamref name="T"/> must have the buffer's element size.</summary>
    public ReadOnlySpan<T> Input<T>(int input) where T : unmanaged => Elements<T>(inputs[input]);

    public Span<T> Output<T>(int output) where T : unmanaged => Elements<T>(outputs[output]);

    private static Span<T> Elements<T>(in Operand operand) where T : unmanaged
    {
        Span<byte> bytes = operand.Buffer.Span;
        return MemoryMarshal.Cast<byte, T>(bytes[(int)Math.Min(bytes.Length, operand.View.Offset * Unsafe.SizeOf<T>())..]);
    }
}
