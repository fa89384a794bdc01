using System.Globalization;
using HybridConv.Graphs;

namespace HybridConv;

/// <summary>One axis of a declared shape: a size, or a name (possibly empty) for a size that is open until a plan is made.</summary>
/// <param name="Size">The size, or -1 when it is open.</param>
/// <param name="Name">The symbol of an open axis; null for a fixed one; empty when the model gives no name.</param>
public readonly record struct Dimension(long Size, string? Name = null)
{
    /// <summary>Whether the size is open.</summary>
    public bool IsOpen => Size < 0;

    /// <summary>An open axis.</summary>
    public static Dimension Open(string name = "") => new(-1, name);

    /// <summary>A fixed axis.</summary>
    public static implicit operator Dimension(long size) => new(size);

    /// <inheritdoc/>
    public override string ToString() => IsOpen ? (Name is { Length: > 0 } ? Name : "?") : Size.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The name, element type and shape of an input or output, as the caller sees it.</summary>
/// <param name="Name">The name in the model.</param>
/// <param name="Type">The element type.</param>
/// <param name="Dimensions">The axes, outermost first; null when the model does not declare even the rank.</param>
public sealed record TensorInfo(string Name, ElementType Type, IReadOnlyList<Dimension>? Dimensions)
{
    /// <summary>Whether every axis has a size.</summary>
    public bool IsFixed => Dimensions is not null && Dimensions.All(d => !d.IsOpen);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: {Type.Label()}{(Dimensions is null ? "[...]" : $"[{string.Join(',', Dimensions)}]")}";
}
