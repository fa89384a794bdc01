namespace Colors;

/// <summary>What one use of the 1x1 convolution shows.</summary>
/// <param name="Title">The method and its source.</param>
/// <param name="Remarks">What was measured and has no bound.</param>
/// <param name="Checks">What has.</param>
/// <param name="Pictures">Each with the name of its file, without extension.</param>
internal sealed record Page(string Title, IReadOnlyList<string> Remarks, IReadOnlyList<Check> Checks, IReadOnlyList<(string Name, Picture Picture)> Pictures);

/// <summary>A number that must not exceed another.</summary>
internal sealed record Check(string What, double Found, double AtMost)
{
    /// <summary>False for a number that is none.</summary>
    public bool Holds => Found <= AtMost;
}
