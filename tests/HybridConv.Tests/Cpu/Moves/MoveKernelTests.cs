using HybridConv.Cpu;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Expand;
using HybridConv.Ops.Transpose;
using HybridConv.Planning;
using HybridConv.Tests.Ops;
using Xunit;

namespace HybridConv.Tests.Cpu.Moves;

public class MoveKernelTests
{
    public static TheoryData<long[], int[]> Transposes => new()
    {
        { [1, 3, 17, 23], [0, 2, 3, 1] },
        { [2, 3, 4, 5], [0, 2, 3, 1] },
        { [1, 4, 1, 3], [0, 2, 3, 1] },
        { [2, 64, 19, 7], [0, 2, 3, 1] },
        { [2, 19, 7, 33], [0, 3, 1, 2] },
        { [1, 224, 200, 3], [0, 3, 1, 2] },
        { [1, 3, 224, 200], [0, 2, 3, 1] },
        { [1, 2, 50, 3], [0, 2, 3, 1] },
        { [3, 4, 5, 6], [3, 1, 0, 2] },
        { [3, 4, 5, 2], [1, 0, 2, 3] },
        { [2, 3, 4, 5, 6], [4, 2, 0, 3, 1] },
        { [7], [0] },
        { [], [] },
        { [2, 0, 3], [2, 1, 0] },
        { [2, 2, 2, 2, 2, 2, 2, 2], [7, 0, 6, 1, 5, 2, 4, 3] },
    };

    [Theory]
    [MemberData(nameof(Transposes))]
    public void TransposesEveryElementSize(long[] shape, int[] permutation)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        OpFixture Of<T>(Func<long, T> element) where T : unmanaged
        {
            var fixture = new OpFixture(new TransposeOp(), new TransposeAttributes(permutation));
            T[] data = [.. Enumerable.Range(0, (int)count).Select(i => element(i))];
            return shape.Length == 0 ? fixture.Scalar(data[0]) : fixture.Input(data, shape);
        }
        Of(i => (float)i).RowsMustEqualReference();
        Of(i => i).RowsMustEqualReference();
        Of(i => (byte)i).RowsMustEqualReference();
        Of(i => (short)i).RowsMustEqualReference();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ConcatenatesOnEveryAxis(long axis)
    {
        OpFixture concat = new OpFixture(new ConcatOp(), new ConcatAttributes(axis));
        foreach (long size in (long[])[3, 16, 0, 1, 40])
        {
            long[] shape = [2, 30, 31, 8];
            shape[axis] = size;
            concat.Input(OpFixture.Random(shape.Aggregate((a, b) => a * b), (int)size), shape);
        }
        concat.RowsMustEqualReference();
    }

    [Fact]
    public void ExpandsRowsColumnsAndScalars()
    {
        new OpFixture(new ExpandOp(), new ExpandAttributes([2, 9, 9, 20])).Input(OpFixture.Random(40), 2, 1, 1, 20).RowsMustEqualReference();
        new OpFixture(new ExpandOp(), new ExpandAttributes([2, 9, 9, 20])).Input(OpFixture.Random(162), 2, 9, 9, 1).RowsMustEqualReference();
        new OpFixture(new ExpandOp(), new ExpandAttributes([3, 70])).Input(OpFixture.Random(1), 1).RowsMustEqualReference();
        new OpFixture(new ExpandOp(), new ExpandAttributes([1, 1, 300000])).Input(OpFixture.Random(1), 1).RowsMustEqualReference();
    }

    [Fact]
    public void LargeCopiesAreCutIntoTasks()
    {
        OpFixture transpose = new OpFixture(new TransposeOp(), new TransposeAttributes([1, 0])).Input(new float[1000 * 300], 1000, 300);
        Choice row = transpose.Rows(new CpuInfo(CpuInfo.Widest, 2))[0];
        Assert.InRange(((ICpuKernel)row.Bind(null)).Tasks, 8, 64);
    }
}
