using HybridConv.Targets;

namespace HybridConv.Tools.Reports;

/// <summary>The targets of this machine, those that are not there included.</summary>
/// <param name="Devices">Best first.</param>
internal sealed record DevicesReport(IReadOnlyList<DeviceReport> Devices)
{
    /// <summary>Asks every driver what there is.</summary>
    public static DevicesReport OfThisMachine() => new(
        [.. TargetList.Known.Select(target => new DeviceReport(
            target.Name, target.IsThere, target.About, target.Facts.Count == 0 ? null : target.Facts.ToDictionary(fact => fact.Name, fact => fact.Value)))]);
}

/// <param name="Target">The name to ask for.</param>
/// <param name="Available">Whether it can be opened.</param>
/// <param name="Description">What it is, or why it is not there.</param>
/// <param name="Facts">What the driver says about it.</param>
internal sealed record DeviceReport(string Target, bool Available, string Description, IReadOnlyDictionary<string, string>? Facts = null);
