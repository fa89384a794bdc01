namespace HybridConv.Zoo;

/// <summary>What can be chosen about a network of the zoo.</summary>
public sealed record ZooOptions
{
    /// <summary>Pictures per run.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>The pictures' height and width; null for the network's own.</summary>
    public Extent? Size { get; init; }

    /// <summary>Classes that the network tells apart; null for the network's own number.</summary>
    public int? Classes { get; init; }

    /// <summary>Decides the weights: seeded, the same on every machine.</summary>
    public int Seed { get; init; }

    /// <summary>The pictures of a network that by itself takes squares of <paramref name="side"/> pixels.</summary>
    internal NetValue Pictures(ModelBuilder net, int side) => net.Input("image", Batch, 3, (Size ?? side).Height, (Size ?? side).Width);
}
