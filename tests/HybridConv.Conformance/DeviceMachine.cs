using HybridConv.Cl;
using HybridConv.OpenCL.Devices;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Conformance;

/// <summary>A machine that OpenCL rows are chosen for, when any bits within the bound will do and when they must be the CPU's.</summary>
internal sealed record DeviceMachine(ClDevice Fast)
{
    public ClDevice Reproducible { get; } = Fast with { Reproducible = true };

    /// <summary>A device under every profile, and under both lengths of vectors for those who use them.</summary>
    public static IEnumerable<DeviceMachine> Of(DeviceFacts facts)
    {
        foreach (ClProfile profile in Enum.GetValues<ClProfile>())
        {
            ClDevice machine = facts.ForRows(profile, reproducible: false);
            yield return new DeviceMachine(machine);
            if (profile == ClProfile.Cpu)
                yield return new DeviceMachine(machine with { Lanes = machine.Lanes == 8 ? 16 : 8 });
        }
    }

    /// <summary>All rows of an operator's table, those among them that no machine of the suite gets.</summary>
    public static IEnumerable<string> RowNames(Op op)
    {
        Type? table = op.GetType().GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITable<,>) && i.GenericTypeArguments[1] == typeof(ClDevice));
        foreach (object row in (System.Collections.IEnumerable?)table?.GetProperty(nameof(ITable<,>.Rows))!.GetValue(op) ?? Array.Empty<object>())
            yield return (string)row.GetType().GetProperty("Name")!.GetValue(row)!;
    }

    /// <summary>What the row would do: rows that do the same on two machines need to run once only.</summary>
    public static string Describe(Choice row, ClKernel kernel) => string.Join(';',
        [row.Name, $"{row.Pack}", .. kernel.Launches.Select(l => $"{l.Program} {l.Function} {l.Global} {l.Local} {string.Join(',', l.Arguments)}")]);

    public override string ToString() => $"the profile {Fast.Profile.ToString().ToLowerInvariant()} with {Fast.Lanes} lanes";
}
