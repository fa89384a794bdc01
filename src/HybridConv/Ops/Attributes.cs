using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>Compares attributes records by value. A record's own equality compares its arrays and tensors by reference.</summary>
internal static class Attributes<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TAttributes> where TAttributes : class
{
    private static readonly PropertyInfo[] Properties = typeof(TAttributes).GetProperties(BindingFlags.Public | BindingFlags.Instance);

    public static bool Equal(TAttributes a, TAttributes b)
    {
        if (a.Equals(b))
            return true;
        if (a.GetType() != typeof(TAttributes) || b.GetType() != typeof(TAttributes))
            return false;
        foreach (PropertyInfo property in Properties)
            if (!Same(property.GetValue(a), property.GetValue(b)))
                return false;
        return true;
    }

    private static bool Same(object? x, object? y) => (x, y) switch
    {
        (Array, Array) => StructuralComparisons.StructuralEqualityComparer.Equals(x, y),
        (Tensor s, Tensor t) => s.Origin == t.Origin && s.Type == t.Type && s.Shape == t.Shape,
        _ => Equals(x, y),
    };
}
