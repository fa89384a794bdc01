using HybridConv.Cli;
using Xunit;

namespace HybridConv.Tests.Cli;

public class QuantilesTests
{
    [Fact]
    public void Quantiles_lie_between_neighbours()
    {
        double[] samples = [4, 1, 3, 2];
        Assert.Equal(2.5, Quantiles.Median(samples));
        Assert.Equal(1.75, Quantiles.At(samples, 0.25));
        Assert.Equal((1, 4), (Quantiles.At(samples, 0), Quantiles.At(samples, 1)));
        Assert.Equal(7, Quantiles.Median([7]));
    }

    [Fact]
    public void The_geometric_mean_of_nothing_is_nothing()
    {
        Assert.Null(Quantiles.GeometricMean([]));
        Assert.Equal(2, Quantiles.GeometricMean([1, 4])!.Value, 1e-12);
    }
}
