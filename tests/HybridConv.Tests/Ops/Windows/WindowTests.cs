using HybridConv.Ops.Windows;
using Xunit;

namespace HybridConv.Tests.Ops.Windows;

public class WindowTests
{
    [Fact]
    public void Unpadded_outputs_are_those_all_of_whose_taps_lie_in_the_image()
    {
        foreach (int input in (int[])[1, 2, 3, 5, 8, 13])
            foreach ((int kernel, int stride, int dilation) in ((int, int, int)[])[(1, 1, 1), (1, 3, 1), (2, 1, 1), (3, 1, 1), (3, 2, 1), (3, 1, 4), (5, 3, 2), (7, 9, 1)])
                for (int begin = 0; begin <= 6; begin++)
                    for (int end = 0; end <= 6; end++)
                    {
                        int room = input + begin + end - ((kernel - 1) * dilation + 1);
                        if (room < 0)
                            continue;
                        var window = new Window(input, room / stride + 1, kernel, stride, dilation, begin, end);
                        int[] whole = [.. Enumerable.Range(0, window.Output).Where(o => window.Start(o) >= 0 && window.Start(o) + window.Extent <= input)];
                        (int from, int to) = window.Unpadded;
                        Assert.True(whole.SequenceEqual(Enumerable.Range(from, to - from)) && from >= 0 && to <= window.Output, $"{window}: {from} to {to}");
                    }
    }
}
