using System.Runtime.InteropServices;
using HybridConv.Graphs;

namespace HybridConv;

/// <summary>
/// Pseudo-random weights with the same bits on every machine: element i of a tensor is a function of the seed, the tensor's name and i,
/// computed in integers and one exact scaling. Nothing is kept; the data is computed again when it is asked for again.
/// </summary>
internal static class SeededWeights
{
    private const int UniformBits = 24;

    /// <summary>Evenly distributed over [centre - spread, centre + spread).</summary>
    public static Tensor Uniform(Shape shape, string name, ulong seed, float centre, float spread) =>
        Tensor.Derived(ElementType.Float32, shape, name, () =>
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)(shape.Elements * sizeof(float))));
            Fill(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), StateOf(name, seed), centre, spread);
            return bytes;
        });

    private static void Fill(Span<float> elements, ulong state, float centre, float spread)
    {
        const int Half = 1 << (UniformBits - 1);
        for (int i = 0; i < elements.Length; i++)
        {
            int bits = (int)(Mix(state + (ulong)i * 0x9E3779B97F4A7C15) >> (64 - UniformBits)) - Half;
            elements[i] = centre + bits * (1f / Half) * spread;
        }
    }

    /// <summary>FNV-1a over the name, begun with the seed.</summary>
    private static ulong StateOf(string name, ulong seed)
    {
        ulong hash = Mix(seed + 0xCBF29CE484222325);
        foreach (char c in name)
            hash = (hash ^ c) * 0x100000001B3;
        return Mix(hash);
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
