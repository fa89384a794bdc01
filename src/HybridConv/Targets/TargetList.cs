namespace HybridConv.Targets;

/// <summary>The targets of this build, best first.</summary>
internal static class TargetList
{
    /// <summary>One line per target: its name, what it is, and how to open it.</summary>
    private static readonly (string Name, string About, Func<SessionOptions, ITarget> Open)[] All =
    [
        ("cpu", "managed SIMD kernels on this processor", options => new CpuTarget(options)),
        ("cpu:reference", "the operators' own definitions in double precision; slow, for checking", _ => new ReferenceTarget()),
    ];

    public static IEnumerable<(string Name, string About)> Known => All.Select(t => (t.Name, t.About));

    /// <summary>Opens a target by name; <c>auto</c> takes the first.</summary>
    /// <exception cref="DeviceException">No such target.</exception>
    public static ITarget Open(string name, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var target in All)
            if (target.Name == name || name == "auto")
                return target.Open(options);
        string also = name.StartsWith("opencl", StringComparison.Ordinal) ? "; OpenCL is not in this build" : "";
        throw new DeviceException($"There is no target '{name}' here{also}. Targets: auto, {string.Join(", ", All.Select(t => t.Name))}.", ErrorCode.NoSuchTarget);
    }
}
