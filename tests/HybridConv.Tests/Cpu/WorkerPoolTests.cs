using HybridConv.Cpu;
using Xunit;

namespace HybridConv.Tests.Cpu;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EveryTaskRunsOnceHoweverManyStepsFollowEachOther(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int round = 0; round < 200; round++)
        {
            var kernel = new Counting(1 + round % 37);
            var step = new StepWork(kernel, [], [], parallel: true);
            bool inside = pool.TryEnter();
            Assert.Equal(threads > 1, inside);
            for (int repeat = 1; repeat <= 5; repeat++)
            {
                if (inside)
                    pool.Run(step, 0);
                else
                    step.RunAll(0);
                Assert.All(kernel.Runs, runs => Assert.Equal(repeat, runs));
            }
            if (inside)
                pool.Leave();
        }
    }

    [Fact]
    public void NoTaskOfALongStepIsTakenByAWorkerThatIsLateFromAShortOne()
    {
        using var pool = new WorkerPool(4);
        Counting[] kernels = [new(2), new(9)];
        StepWork[] steps = Array.ConvertAll(kernels, k => new StepWork(k, [], [], parallel: true));
        for (int round = 1; round <= 300; round++)
        {
            Assert.True(pool.TryEnter());
            for (int i = 0; i < 200; i++)
                pool.Run(steps[i % 2], 0);
            pool.Leave();
            foreach (Counting kernel in kernels)
                Assert.All(kernel.Runs, runs => Assert.Equal(100 * round, runs));
        }
    }

    [Fact]
    public void ASecondRunIsTurnedAwayWhileTheFirstIsInside()
    {
        using var pool = new WorkerPool(2);
        Assert.True(pool.TryEnter());
        Assert.False(pool.TryEnter());
        pool.Leave();
        Assert.True(pool.TryEnter());
        pool.Leave();
    }

    [Fact]
    public void AFailureOnAWorkerReachesTheCallerAndThePoolStaysUsable()
    {
        using var pool = new WorkerPool(3);
        Assert.True(pool.TryEnter());
        Assert.Throws<InvalidOperationException>(() => pool.Run(new StepWork(new Failing(), [], [], parallel: true), 0));
        var kernel = new Counting(50);
        pool.Run(new StepWork(kernel, [], [], parallel: true), 0);
        Assert.All(kernel.Runs, runs => Assert.Equal(1, runs));
        pool.Leave();
    }

    private sealed class Counting(int tasks) : ICpuKernel
    {
        public int[] Runs { get; } = new int[tasks];
        public long ScratchBytes => 0;
        public int Tasks => tasks;
        public void Run(in StepArgs args, int task) => Interlocked.Increment(ref Runs[task]);
    }

    private sealed class Failing : ICpuKernel
    {
        public long ScratchBytes => 0;
        public int Tasks => 8;

        public void Run(in StepArgs args, int task)
        {
            if (task == 5)
                throw new InvalidOperationException("task 5");
        }
    }
}
