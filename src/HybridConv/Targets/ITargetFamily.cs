namespace HybridConv.Targets;

/// <summary>Targets that another assembly of this repository contributes, found when it is there: see <see cref="TargetList"/>.</summary>
internal interface ITargetFamily
{
    /// <summary>Every machine of this family that is here. Never throws: what went wrong is a line of its own, with no target.</summary>
    IReadOnlyList<TargetLine> Lines { get; }

    /// <summary>Opens a target by name.</summary>
    /// <param name="name">One that a user may write.</param>
    /// <param name="options">The session's.</param>
    /// <param name="mixes">Whether steps that the device has no kernel for may run on the host; otherwise a network that has such steps is refused.</param>
    /// <exception cref="DeviceException">No such device, or it cannot be opened.</exception>
    ITarget Open(string name, SessionOptions options, bool mixes);
}

/// <summary>One target, or why there is none, for <c>devices</c> and <c>doctor</c>.</summary>
/// <param name="Name">The name to open it by.</param>
/// <param name="IsThere">Whether it can be opened.</param>
/// <param name="About">What it is, or in one sentence why it is not there.</param>
/// <param name="Facts">Its limits, by name.</param>
/// <param name="IsProcessor">Whether it is the processor that the target <c>cpu</c> runs on, too.</param>
/// <param name="Identity">Hardware and driver: measurements hold for both together.</param>
internal sealed record TargetLine(
    string Name, bool IsThere, string About, IReadOnlyList<(string Name, string Value)> Facts, bool IsProcessor = true, string Identity = "");
