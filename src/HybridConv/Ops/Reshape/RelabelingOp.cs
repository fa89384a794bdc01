using System.Diagnostics.CodeAnalysis;
using HybridConv.Graphs;

namespace HybridConv.Ops.Reshape;

/// <summary>An operator whose output has the elements of input 0 in the same dense order, under another shape: no data moves.</summary>
internal abstract class RelabelingOp<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TAttributes>
    : Op<TAttributes, Movement> where TAttributes : class
{
    public sealed override bool IsAlias(Node node) => true;

    public sealed override Movement Specify(TAttributes attributes, Node node) => Movement.Relabel(node);

    public sealed override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);
}
