namespace HybridConv.Cl;

/// <summary>How a launch over units of equal work is dealt out: each work-item takes some consecutive ones.</summary>
/// <param name="Units">Of each work-item.</param>
/// <param name="Global">Work-items, rounded up to whole work-groups: some may have nothing to do.</param>
/// <param name="Local">Work-items of a work-group.</param>
internal readonly record struct ClShare(int Units, ClRange Global, ClRange Local)
{
    /// <summary>Below this much work, a work-item of a processor costs more to hand over than to do.</summary>
    private const long LeastElementsOfItem = 8192;

    /// <summary>Work-items of a processor for each of its cores, so that uneven ones even out.</summary>
    private const int ItemsOfUnit = 4;

    private const int GroupItems = 64;

    /// <param name="device">A processor gets few work-items, everything else one for every unit.</param>
    /// <param name="units">How many there are.</param>
    /// <param name="elements">The work in all of them, counted as elements that are read, computed and written.</param>
    public static ClShare Of(ClDevice device, long units, double elements)
    {
        if (device.Profile != ClProfile.Cpu)
        {
            var group = new ClRange(Math.Min(GroupItems, device.MaxWorkGroup));
            return new ClShare(1, new ClRange(units).RoundUp(group), group);
        }
        long items = Math.Clamp((long)(elements / LeastElementsOfItem), 1, (long)ItemsOfUnit * device.ComputeUnits);
        long each = Math.Max(1, (units + items - 1) / items);
        return new ClShare(checked((int)each), new ClRange((units + each - 1) / each), new ClRange(1));
    }
}
