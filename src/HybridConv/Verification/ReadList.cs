namespace HybridConv.Verification;

/// <summary>Evenly spaced elements of one operand that are copied aside.</summary>
/// <param name="Operand">An input's index, or ~index of an output.</param>
/// <param name="From">The first one, in elements from the operand's own first.</param>
/// <param name="Stride">Elements from one to the next.</param>
/// <param name="Count">How many.</param>
/// <param name="To">Where they go, one after the other, in elements of the memory aside.</param>
internal readonly record struct CopyRun(int Operand, long From, long Stride, int Count, int To)
{
    public bool IsOutput => Operand < 0;

    /// <summary>The operand's index among inputs or outputs.</summary>
    public int Index => IsOutput ? ~Operand : Operand;
}

/// <summary>Elements to copy aside, run by run, in memory that is allocated once.</summary>
/// <param name="runs">The most runs.</param>
internal sealed class ReadList(int runs)
{
    private readonly CopyRun[] list = new CopyRun[runs];

    /// <summary>Runs so far.</summary>
    public int Count { get; private set; }

    /// <summary>Elements so far: where the next one goes.</summary>
    public int Elements { get; private set; }

    public ReadOnlySpan<CopyRun> this[Range range] => list.AsSpan(0, Count)[range];

    public void Clear() => (Count, Elements) = (0, 0);

    /// <summary>Lists elements of an input.</summary>
    public void Add(int input, long from, int count, long stride = 1) => Append(input, from, count, stride);

    /// <summary>Lists an element of an output.</summary>
    public void AddOutput(int output, long from) => Append(~output, from, 1, 1);

    /// <summary>A run that goes on where the one before ends becomes part of it.</summary>
    private void Append(int operand, long from, int count, long stride)
    {
        if (count == 0)
            return;
        if (Count > 0 && list[Count - 1] is var last && last.Operand == operand)
        {
            long step = last.Count == 1 ? from - last.From : last.Stride;
            if ((count == 1 || stride == step) && step > 0 && from == last.From + last.Count * step)
            {
                list[Count - 1] = last with { Count = last.Count + count, Stride = step };
                Elements += count;
                return;
            }
        }
        list[Count++] = new CopyRun(operand, from, stride, count, Elements);
        Elements += count;
    }
}
