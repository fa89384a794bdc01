using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>Compares attributes records by value, and spells them out. A record's own equality compares its arrays and tensors by reference, and its text does not show them.</summary>
internal sealed class AttributeComparer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TAttributes> : IEqualityComparer<object>
    where TAttributes : class
{
    public static readonly AttributeComparer<TAttributes> Instance = new();

    private readonly PropertyInfo[] properties = [.. typeof(TAttributes).GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(property => property.Name, StringComparer.Ordinal)];

    public new bool Equals(object? a, object? b)
    {
        if (object.Equals(a, b))
            return true;
        if (a?.GetType() != typeof(TAttributes) || b?.GetType() != typeof(TAttributes))
            return false;
        foreach (PropertyInfo property in properties)
            if (!Same(property.GetValue(a), property.GetValue(b)))
                return false;
        return true;
    }

    public int GetHashCode(object attributes)
    {
        var hash = new HashCode();
        if (attributes.GetType() == typeof(TAttributes))
            foreach (PropertyInfo property in properties)
                hash.Add(Hash(property.GetValue(attributes)));
        return hash.ToHashCode();
    }

    /// <summary>Every property's name and value, the same on every machine. What the data of a tensor is does not show.</summary>
    public string Describe(object attributes) => string.Join(' ', properties.Select(property => $"{property.Name}={Text(property.GetValue(attributes))}"));

    private static string Text(object? x) => x switch
    {
        null => "-",
        Array array => $"[{string.Join(',', array.Cast<object?>().Select(Text))}]",
        Tensor tensor => $"{tensor.Type.Label()}{tensor.Shape}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{x}",
    };

    private static bool Same(object? x, object? y) => (x, y) switch
    {
        (Array, Array) => StructuralComparisons.StructuralEqualityComparer.Equals(x, y),
        (Tensor s, Tensor t) => s.Origin == t.Origin && s.Type == t.Type && s.Shape == t.Shape,
        _ => object.Equals(x, y),
    };

    private static int Hash(object? x) => x switch
    {
        Array => StructuralComparisons.StructuralEqualityComparer.GetHashCode(x),
        Tensor tensor => tensor.Origin.GetHashCode(StringComparison.Ordinal),
        _ => x?.GetHashCode() ?? 0,
    };
}
