using System.Collections.Concurrent;
using System.Text;
using HybridConv.Cl;

namespace HybridConv.OpenCL.Running;

/// <summary>The kernel sources: the files under <c>opencl/</c>.</summary>
/// <param name="read">The text of a file by its name below the repository, for example <c>opencl/conv/reference.cl</c>.</param>
internal sealed class KernelSource(Func<string, string> read)
{
    /// <summary>Those that this assembly carries.</summary>
    public static readonly KernelSource Embedded = new(Read);

    /// <summary>What stands before every source.</summary>
    private const string Common = "opencl/common.clh";

    private readonly ConcurrentDictionary<string, string> texts = new();

    /// <summary>The text that the device's compiler gets: the common part, then the file.</summary>
    public string Of(ClProgram program) => texts.GetOrAdd(program.File, file => $"{read(Common)}\n#line 1 \"{file}\"\n{read("opencl/" + file)}");

    /// <summary>The names of all embedded sources.</summary>
    public static IEnumerable<string> Files => typeof(KernelSource).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("opencl/", StringComparison.Ordinal) && name.EndsWith(".cl", StringComparison.Ordinal)).Select(name => name["opencl/".Length..]).Order();

    /// <summary>Whether this assembly carries a file.</summary>
    public static bool Has(string name) => typeof(KernelSource).Assembly.GetManifestResourceInfo(name) is not null;

    /// <summary>The text of an embedded file.</summary>
    public static string Read(string name)
    {
        using Stream stream = typeof(KernelSource).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"this assembly carries no {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
