namespace HybridConv.Zoo;

/// <summary>The pieces that published architectures are built from, as layers of a <see cref="NetValue"/>. Each stands beside its first user.</summary>
public static partial class Blocks;
