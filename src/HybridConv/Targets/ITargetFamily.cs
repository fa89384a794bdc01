namespace HybridConv.Targets;

/// <summary>Targets that another assembly of this repository contributes, found when it is there: see <see cref="TargetList"/>.</summary>
internal interface ITargetFamily
{
    /// <summary>Every machine of this family that is here. Never throws: what went wrong is a line of its own, with no target.</summary>
    IReadOnlyList<TargetLine> Lines { get; }

    /// <summary>Opens a target by name.</summary>
    /// <exception cref="DeviceException">No such device, or it cannot be opened.</exception>
    ITarget Open(string name, SessionOptions options);
}

/// <summary>One target, or why there is none, for <c>devices</c> and <c>doctor</c>.</summary>
/// <param name="Name">The name to open it by.</param>
/// <param name="IsThere">Whether it can be opened.</param>
/// <param name="About">What it is, or in one sentence why it is not there.</param>
/// <param name="Facts">Its limits, by name.</param>
internal sealed record TargetLine(string Name, bool IsThere, string About, IReadOnlyList<(string Name, string Value)> Facts);
