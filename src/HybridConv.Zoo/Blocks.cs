namespace HybridConv.Zoo;

/// <summary>
/// The pieces that published architectures are built from, as layers of a <see cref="NetValue"/>; each in a file of its own, with the paper that it comes from.
/// </summary>
public static partial class Blocks;
