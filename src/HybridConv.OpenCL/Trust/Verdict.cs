using System.Text;

namespace HybridConv.OpenCL.Trust;

/// <summary>How a row's answer compares with the processor's.</summary>
internal enum Answer
{
    /// <summary>The same bits, all NaNs counting as one and +0 as -0.</summary>
    Exact,
    /// <summary>Other bits, within rounding.</summary>
    Close,
    /// <summary>Something else.</summary>
    Wrong,
}

/// <summary>What is known about a row's kernels on a device.</summary>
/// <param name="Answer">How its answer compared.</param>
/// <param name="Why">In a few words, how it differed; empty when it did not.</param>
internal sealed record Verdict(Answer Answer, string Why)
{
    public static readonly Verdict Exact = new(Answer.Exact, "");

    public static Verdict Wrong(string why) => new(Answer.Wrong, why);

    /// <summary>As it is kept.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes($"{Answer}\n{Why}");

    /// <summary>As it was kept; null when the bytes are none.</summary>
    public static Verdict? Of(byte[] bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n', 2);
        foreach (Answer answer in Enum.GetValues<Answer>())
            if (lines.Length == 2 && lines[0] == $"{answer}")
                return new Verdict(answer, lines[1]);
        return null;
    }
}
