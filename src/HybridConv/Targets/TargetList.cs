using System.Diagnostics.CodeAnalysis;

namespace HybridConv.Targets;

/// <summary>The targets of this machine and build, best first.</summary>
internal static class TargetList
{
    private const string OpenCl = "opencl";

    /// <summary>One line per target of this assembly: its name, what it is, and how to open it.</summary>
    private static readonly (string Name, string About, Func<SessionOptions, ITarget> Open)[] Own =
    [
        ("cpu", "managed SIMD kernels on this processor", options => new CpuTarget(options)),
        ("cpu:reference", "the operators' own definitions in double precision; slow, for checking", _ => new ReferenceTarget()),
    ];

    /// <summary>All targets, those that are not there included.</summary>
    public static IEnumerable<TargetLine> Known => [.. Own.Select(t => new TargetLine(t.Name, true, t.About, [])), .. OpenClFamily()?.Lines ?? [NoOpenCl]];

    private static TargetLine NoOpenCl => new(OpenCl, false, "the package HybridConv.OpenCL is not part of this program", []);

    /// <summary>Opens a target by name; <c>auto</c> takes the one that is fastest for the network.</summary>
    /// <exception cref="DeviceException">No such target.</exception>
    public static ITarget Open(string name, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "auto")
            return OpenClFamily() is { } devices && devices.Lines.Any(line => line.IsThere && !line.IsProcessor) ? new AutoTarget(devices, options) : new CpuTarget(options);
        foreach (var target in Own)
            if (target.Name == name)
                return target.Open(options);
        if (name != OpenCl && !name.StartsWith(OpenCl + ":", StringComparison.Ordinal))
            throw new DeviceException($"There is no target '{name}'. Targets: auto, {string.Join(", ", Own.Select(t => t.Name))}, {OpenCl}.", ErrorCode.NoSuchTarget);
        ITargetFamily family = OpenClFamily() ?? throw new DeviceException($"There is no target '{name}' here: {NoOpenCl.About}.", ErrorCode.NoSuchTarget);
        return family.Open(name, options, mixes: false);
    }

    /// <summary>The OpenCL assembly's entry, where the program has that assembly. Trimmers see the name and keep the type.</summary>
    private static ITargetFamily? OpenClFamily()
    {
        Type? family = Type.GetType("HybridConv.OpenCL.OpenClFamily, HybridConv.OpenCL");
        return family is null ? null : Create(family);
    }

    private static ITargetFamily? Create([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type family) =>
        (ITargetFamily?)Activator.CreateInstance(family);
}
