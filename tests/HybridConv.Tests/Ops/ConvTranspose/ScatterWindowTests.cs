using CsCheck;
using HybridConv.Ops.ConvTranspose;
using Xunit;

namespace HybridConv.Tests.Ops.ConvTranspose;

public class ScatterWindowTests
{
    private static readonly Gen<ScatterWindow> Windows =
        from input in Gen.Int[1, 9]
        from output in Gen.Int[1, 40]
        from kernel in Gen.Int[1, 12]
        from stride in Gen.Int[1, 9]
        from dilation in Gen.Int[1, 9]
        from pad in Gen.Int[0, 12]
        select new ScatterWindow(input, output, kernel, stride, dilation, pad);

    [Fact]
    public void The_taps_of_an_output_are_those_whose_scaled_position_is_an_input_position() =>
        Windows.Sample(window =>
        {
            for (int output = 0; output < window.Output; output++)
            {
                var expected = new List<(int Tap, int Source)>();
                for (int tap = 0; tap < window.Kernel; tap++)
                    for (int input = 0; input < window.Input; input++)
                        if (input * window.Stride + tap * window.Dilation == output + window.PadBegin)
                            expected.Add((tap, input));
                var actual = new List<(int Tap, int Source)>();
                TapRange taps = window.Reaching(output);
                for (int tap = taps.First; tap < taps.End; tap += taps.Step)
                    actual.Add((tap, window.Source(output, tap)));
                Assert.Equal(expected, actual);
            }
        }, iter: 3000);

    [Fact]
    public void Finding_them_takes_no_longer_for_a_long_filter()
    {
        var window = new ScatterWindow(Input: 3, Output: 1 << 20, Kernel: 1 << 20, Stride: 65537, Dilation: 65536, PadBegin: 0);
        long found = 0;
        for (int output = 0; output < window.Output; output++)
        {
            TapRange taps = window.Reaching(output);
            for (int tap = taps.First; tap < taps.End; tap += taps.Step)
                found++;
        }
        Assert.True(found is > 0 and < 100, $"{found} taps");
    }
}
