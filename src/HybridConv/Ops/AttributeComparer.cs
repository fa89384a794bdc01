using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>Compares attributes records by value. A record's own equality compares its arrays and tensors by reference.</summary>
internal sealed class AttributeComparer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TAttributes> : IEqualityComparer<object>
    where TAttributes : class
{
    public static readonly AttributeComparer<TAttributes> Instance = new();

    private readonly PropertyInfo[] properties = typeof(TAttributes).GetProperties(BindingFlags.Public | BindingFlags.Instance);

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
