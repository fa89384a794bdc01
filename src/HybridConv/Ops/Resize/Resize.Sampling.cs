using HybridConv.Verification;

namespace HybridConv.Ops.Resize;

internal partial class ResizeOp
{
    public override Sampler? Sampler(Witness witness) => new TapSampler(Specify(witness.Node));

    /// <summary>
    /// Where the last axis stays as it is (the channels of an image), positions are pixels and strata channels; otherwise every element is a position. What is read: the
    /// elements, or the channels, under each combination of taps.
    /// </summary>
    private sealed class TapSampler(ResizeSpec spec) : Sampler
    {
        private readonly bool byChannel = spec.Axes.Length > 0 && spec.Axes[^1].IsIdentity;

        /// <summary>The most taps of each axis.</summary>
        private readonly int[] widths = [.. spec.Axes.Select(axis => Enumerable.Range(0, axis.Outputs).Select(i => axis.Starts[i + 1] - axis.Starts[i]).DefaultIfEmpty(0).Max())];

        public override long Positions => spec.Output.Shape.Elements / Math.Max(1, Strata);
        public override int Strata => byChannel ? spec.Output.Shape.Dim(-1 + spec.Axes.Length) : 1;

        private int Stretched => byChannel ? spec.Axes.Length - 1 : spec.Axes.Length;

        public override PatchSize Size(int strata)
        {
            long taps = 1;
            for (int axis = 0; axis < Stretched; axis++)
                taps *= spec.Copies ? 1 : widths[axis];
            return new PatchSize(taps, taps * strata, strata * 2);
        }

        public override Place Place(long position, int stratum)
        {
            Span<int> index = stackalloc int[Graphs.Shape.MaxRank];
            Locate(position, index);
            long offset = byChannel ? stratum * spec.Output.Strides[^1] : 0;
            for (int axis = 0; axis < Stretched; axis++)
                offset += index[axis] * spec.Output.Strides[axis];
            return new Place(0, offset);
        }

        public override void Read(in Patch patch, ReadList reads)
        {
            Span<int> index = stackalloc int[Graphs.Shape.MaxRank];
            if (Locate(patch.Position, index))
                Read(patch, reads, index, 0, byChannel ? patch.First * spec.Input.Strides[^1] : 0);
        }

        public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
        {
            Span<int> index = stackalloc int[Graphs.Shape.MaxRank];
            if (!Locate(patch.Position, index))
            {
                results.Fill(Estimate.Exactly(spec.Extrapolation));
                return;
            }
            Span<double> sums = work[..patch.Count], sizes = work.Slice(patch.Count, patch.Count);
            work.Clear();
            int at = 0;
            Add(read, ref at, index, 0, 1, sums, sizes);
            double roundings = 0;
            for (int axis = 0; axis < Stretched; axis++)
                roundings += widths[axis] + 1;
            // Sums of inner axes are not yet weighed by the outer ones.
            double largest = 0;
            foreach (float x in read)
                largest = Math.Max(largest, Math.Abs(x));
            for (int i = 0; i < patch.Count; i++)
                results[i] = spec.Copies ? Estimate.Exactly(sums[i]) : new Estimate(sums[i], Roundoff.OfSum(Roundoff.Gamma(roundings) * sizes[i], sizes[i] + read.Length * largest));
        }

        /// <summary>Nested as the sums are: the last axis innermost.</summary>
        private void Read(in Patch patch, ReadList reads, ReadOnlySpan<int> index, int axis, long offset)
        {
            if (axis == Stretched)
            {
                reads.Add(0, offset, patch.Count, byChannel ? spec.Input.Strides[^1] : 1);
                return;
            }
            AxisTaps taps = spec.Axes[axis];
            for (int k = taps.Starts[index[axis]]; k < taps.Starts[index[axis] + 1]; k++)
                Read(patch, reads, index, axis + 1, offset + taps.Indices[k] * spec.Input.Strides[axis]);
        }

        private void Add(ReadOnlySpan<float> read, ref int at, ReadOnlySpan<int> index, int axis, double weight, Span<double> sums, Span<double> sizes)
        {
            if (axis == Stretched)
            {
                for (int i = 0; i < sums.Length; i++, at++)
                {
                    sums[i] += weight * read[at];
                    sizes[i] += Math.Abs(weight * read[at]);
                }
                return;
            }
            AxisTaps taps = spec.Axes[axis];
            for (int k = taps.Starts[index[axis]]; k < taps.Starts[index[axis] + 1]; k++)
                Add(read, ref at, index, axis + 1, weight * taps.Weights[k], sums, sizes);
        }

        /// <summary>The index of a position along each stretched axis; false when it lies outside the input.</summary>
        private bool Locate(long position, Span<int> index)
        {
            bool inside = true;
            for (int axis = Stretched - 1; axis >= 0; axis--)
            {
                (position, long at) = Math.DivRem(position, spec.Output.Shape[axis]);
                index[axis] = (int)at;
                inside &= !IsOutside(spec.Axes[axis], (int)at);
            }
            return inside;
        }
    }
}
