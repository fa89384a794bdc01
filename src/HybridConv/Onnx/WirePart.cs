using Google.Protobuf;
using HybridConv.Graphs;
using static HybridConv.Onnx.FieldNumbers;

namespace HybridConv.Onnx;

/// <summary>
/// A message that is about to be written: generated fields, nested parts, and a tensor's elements, which are fetched only when their turn comes.
/// Its size is known before.
/// </summary>
internal sealed class WirePart
{
    private readonly IMessage fields;
    private readonly Tensor? elements;
    private readonly List<(int Field, WirePart Part)> nested = [];

    /// <param name="fields">The fields that the generated code writes.</param>
    /// <param name="elements">For a TensorProto: its elements.</param>
    public WirePart(IMessage fields, Tensor? elements = null)
    {
        this.fields = fields;
        this.elements = elements;
        Size = fields.CalculateSize() + (elements is null ? 0 : SizeOf(RawData, elements.Bytes));
    }

    /// <summary>Bytes of the whole message.</summary>
    public long Size { get; private set; }

    /// <summary>Adds a complete part as field <paramref name="field"/>.</summary>
    public void Add(int field, WirePart part)
    {
        nested.Add((field, part));
        Size += SizeOf(field, part.Size);
    }

    public void WriteTo(CodedOutputStream output)
    {
        fields.WriteTo(output);
        foreach ((int field, WirePart part) in nested)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteLength((int)part.Size);
            part.WriteTo(output);
        }
        if (elements is not null)
        {
            output.WriteTag(RawData, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(elements.Data));
        }
    }

    private static long SizeOf(int field, long length) =>
        CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeUInt64Size((ulong)length) + length;
}
