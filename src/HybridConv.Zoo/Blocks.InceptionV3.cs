namespace HybridConv.Zoo;

/// <content>
/// The modules of "Rethinking the Inception Architecture for Computer Vision" (Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, 2015), by the side of the map in a
/// picture of 299 pixels.
/// </content>
public static partial class Blocks
{
    /// <summary>
    /// The module at 35x35 (the paper's figure 5): two 3x3 filters see what one 5x5 filter does. The trained networks in use keep 5x5 in one branch.
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="pooled">Channels of the branch that pools.</param>
    public static NetValue Inception35(this NetValue x, int pooled) =>
        x.InceptionConv(64, 1).Concat(
            x.InceptionConv(48, 1).InceptionConv(64, 5),
            x.InceptionConv(64, 1).InceptionConv(96, 3).InceptionConv(96, 3),
            x.MeanAround().InceptionConv(pooled, 1));

    /// <summary>From 35x35 to 17x17 (figure 10): convolutions and a pooling that take a step, side by side.</summary>
    public static NetValue InceptionReduce35(this NetValue x) =>
        x.InceptionConv(384, 3, stride: 2, pad: 0).Concat(
            x.InceptionConv(64, 1).InceptionConv(96, 3).InceptionConv(96, 3, stride: 2, pad: 0),
            x.MaxPool(3, 2));

    /// <summary>The module at 17x17 (figure 6): a 7x7 filter is a row and a column.</summary>
    /// <param name="x">The input.</param>
    /// <param name="narrow">Channels between the long filters.</param>
    public static NetValue Inception17(this NetValue x, int narrow) =>
        x.InceptionConv(192, 1).Concat(
            x.InceptionConv(narrow, 1).InceptionConv(narrow, (1, 7)).InceptionConv(192, (7, 1)),
            x.InceptionConv(narrow, 1).InceptionConv(narrow, (7, 1)).InceptionConv(narrow, (1, 7)).InceptionConv(narrow, (7, 1)).InceptionConv(192, (1, 7)),
            x.MeanAround().InceptionConv(192, 1));

    /// <summary>From 17x17 to 8x8 (figure 10).</summary>
    public static NetValue InceptionReduce17(this NetValue x) =>
        x.InceptionConv(192, 1).InceptionConv(320, 3, stride: 2, pad: 0).Concat(
            x.InceptionConv(192, 1).InceptionConv(192, (1, 7)).InceptionConv(192, (7, 1)).InceptionConv(192, 3, stride: 2, pad: 0),
            x.MaxPool(3, 2));

    /// <summary>The module at 8x8 (figure 7): a row and a column of the same input, side by side.</summary>
    public static NetValue Inception8(this NetValue x)
    {
        NetValue once = x.InceptionConv(384, 1), twice = x.InceptionConv(448, 1).InceptionConv(384, 3);
        return x.InceptionConv(320, 1).Concat(
            once.InceptionConv(384, (1, 3)), once.InceptionConv(384, (3, 1)),
            twice.InceptionConv(384, (1, 3)), twice.InceptionConv(384, (3, 1)),
            x.MeanAround().InceptionConv(192, 1));
    }

    private static NetValue MeanAround(this NetValue x) => x.AveragePool(3, 1, pad: 1, countPad: true);
}
