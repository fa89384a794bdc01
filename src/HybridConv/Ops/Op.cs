using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using HybridConv.Graphs;
using HybridConv.Planning;
using HybridConv.Verification;

namespace HybridConv.Ops;

/// <summary>
/// The meaning of an operator, independent of any device: how it is read, what shapes it gives, what it computes.
/// One instance serves all nodes; everything about a node is in its attributes. Derive from <see cref="Op{TAttributes, TSpec}"/>.
/// </summary>
internal abstract class Op
{
    /// <summary>The operator's ONNX name.</summary>
    public abstract string Name { get; }

    /// <summary>The opset versions in which the operator changed, ascending; the first is the oldest that is read. Empty for an operator that only passes make.</summary>
    public abstract IReadOnlyList<int> Opsets { get; }

    /// <summary>The number of inputs that a node of a file may have: least and most. Passes may add a residual (see <see cref="IFusesActivation"/>).</summary>
    public abstract (int Min, int Max) Inputs { get; }

    /// <summary>The largest number of outputs.</summary>
    public virtual int MaxOutputs => 1;

    /// <summary>The first opset in which outputs behind the first may be left out where nothing reads them; before it, their number is part of what a node says.</summary>
    public virtual int OutputsOptionalSince => 1;

    /// <summary>
    /// Turns a node as written in any supported opset into one attributes record. Opset differences end here: what older opsets wrote as attributes
    /// stands where inference puts what newer ones give as inputs.
    /// </summary>
    public abstract object Read(NodeReader node);

    /// <summary>
    /// Sets type and shape of every output from those of the inputs. Inputs that only say what to compute (axes, pads, sizes, ...) are absorbed into
    /// the attributes, so that afterwards every input is data. Runs again on an absorbed node give the same.
    /// </summary>
    /// <exception cref="ShapeException">The operands do not fit each other.</exception>
    public abstract void Infer(Inference x);

    /// <summary>The number of multiply-accumulates and parameters; for reports and predictions.</summary>
    public virtual Cost Cost(Node node) => new(0, 0);

    /// <summary>Computes the node, slowly, in <typeparamref name="T"/>: float in plans and constant folding, double in the reference target.</summary>
    public abstract void Reference<T>(Node node, in Operands x) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The float reference bound to one node, for repeated runs without allocation.</summary>
    public abstract ReferenceCall BindReference(Node node);

    /// <summary>
    /// The attributes of a node that computes the same on transposed data: with every data input transposed by <paramref name="permutation"/>
    /// its outputs are transposed by it too. Null when there is no such node. Inputs of lower rank than the permutation count as if they had the missing
    /// axes, of size 1, in front: the caller puts them there first.
    /// </summary>
    public virtual object? Permute(Node node, IReadOnlyList<int> permutation) => null;

    /// <summary>
    /// Whether the node's spatial operator can be told to work channels-last, and the attributes that say so; null when it is
    /// channels-last already or has no notion of channels. Input 0 and output 0 are the images.
    /// </summary>
    public virtual object? ToChannelsLast(Node node) => null;

    /// <summary>Whether the result depends on the inputs' elements, rather than only on their shapes.</summary>
    public virtual bool ReadsElements => true;

    /// <summary>Whether operands may be windows on larger tensors (see <see cref="TensorView"/>) rather than dense.</summary>
    public virtual bool AcceptsViews(Node node) => false;

    /// <summary>Whether output 0 may be written over an input of the same type and view, element by element.</summary>
    public virtual bool InPlace(Node node, int input) => false;

    /// <summary>Whether two attributes records of this operator say the same; arrays compare element by element.</summary>
    public abstract IEqualityComparer<object> AttributeComparer { get; }

    /// <summary>A node's attributes as text: equal for nodes of this operator whose attributes say the same, on every machine.</summary>
    public abstract string DescribeAttributes(Node node);

    /// <summary>Whether the output has the input's elements in the same dense order: no data moves.</summary>
    public virtual bool IsAlias(Node node) => false;

    /// <summary>
    /// What checks results of a node of a plan one by one, in sessions that verify themselves; null where nothing does. Asked only of nodes whose outputs, and whose
    /// inputs that are no constants, are float32 tensors that are not empty.
    /// </summary>
    public virtual Sampler? Sampler(Witness witness) => null;

    /// <summary>What the table for one kind of machine says about this node, best row first. Without a table: nothing.</summary>
    public IEnumerable<Choice> Choices<TMachine>(Node node, TMachine machine) => this is ITable<TMachine> table ? table.Choices(node, machine) : [];
}

/// <summary>An operator's reference bound to one spec.</summary>
internal delegate void ReferenceCall(in Operands x);

/// <summary>Work in a node: multiply-accumulates and learned parameters.</summary>
internal readonly record struct Cost(long Macs, long Parameters);

/// <summary>An operator with typed attributes (as read) and a typed spec (with concrete shapes).</summary>
internal abstract class Op<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TAttributes, TSpec> : Op where TAttributes : class where TSpec : class
{
    /// <summary>The node's parameters with concrete shapes and views, as kernels want them.</summary>
    public abstract TSpec Specify(TAttributes attributes, Node node);

    /// <summary>As <see cref="Op.Infer"/>. A <see cref="ShapeException"/> from arithmetic on shapes gets the node's name on its way out.</summary>
    public abstract void Infer(TAttributes attributes, Inference x);

    public abstract void Reference<T>(TSpec spec, in Operands x) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    public TSpec Specify(Node node) => Specify((TAttributes)node.Attributes, node);

    public sealed override IEqualityComparer<object> AttributeComparer => AttributeComparer<TAttributes>.Instance;

    public sealed override string DescribeAttributes(Node node) => AttributeComparer<TAttributes>.Instance.Describe(node.Attributes);

    public sealed override void Infer(Inference x)
    {
        try
        {
            Infer((TAttributes)x.Node.Attributes, x);
        }
        catch (ShapeException e) when (!e.NamesNode)
        {
            throw x.Error(e.Message);
        }
    }

    public sealed override void Reference<T>(Node node, in Operands x) => Reference<T>(Specify(node), x);

    public override Sampler? Sampler(Witness witness) => Specify(witness.Node) is Movement movement ? MovementSampler.Of(movement, witness.Node) : null;

    public sealed override ReferenceCall BindReference(Node node)
    {
        TSpec spec = Specify(node);
        return (in Operands x) => Reference<float>(spec, x);
    }
}
