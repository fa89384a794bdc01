using System.Collections.Concurrent;
using System.Text;
using HybridConv.Cl;

namespace HybridConv.OpenCL.Running;

/// <summary>The kernel sources that this assembly carries: the files under <c>opencl/</c>.</summary>
internal static class KernelSource
{
    /// <summary>What stands before every source.</summary>
    private const string Common = "opencl/common.clh";

    private static readonly ConcurrentDictionary<string, string> Texts = new();

    /// <summary>The text that the device's compiler gets: the common part, then the file.</summary>
    public static string Of(ClProgram program) => Texts.GetOrAdd(program.File, static file =>
        $"{Read(Common)}\n#line 1 \"{file}\"\n{Read("opencl/" + file)}");

    /// <summary>The names of all sources.</summary>
    public static IEnumerable<string> Files => typeof(KernelSource).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("opencl/", StringComparison.Ordinal) && name.EndsWith(".cl", StringComparison.Ordinal)).Select(name => name["opencl/".Length..]).Order();

    private static string Read(string name)
    {
        using Stream stream = typeof(KernelSource).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"this assembly carries no {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
