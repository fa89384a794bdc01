using System.Globalization;
using HybridConv.Targets;
using HybridConv.Zoo;
using Xunit;

namespace HybridConv.Tests.Targets;

/// <summary>
/// Whether predictions choose well on this very processor: on every shape of the zoo, the row that is taken without measuring is nearly as fast as the fastest one. Asks for a machine
/// that does nothing else, and so runs only when it is named.
/// </summary>
public sealed class HwBench(ITestOutputHelper output)
{
    /// <summary>The most that a choice may take of what the fastest row takes.</summary>
    private const double MostOfBest = 1.10;

    /// <summary>Steps below this are left out: their times are mostly those of handing them over.</summary>
    private const double LeastNanoseconds = 30_000;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(2), LongerTime = TimeSpan.FromSeconds(6);

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (Network network in Networks.All)
                foreach (int threads in new SortedSet<int> { 1, Math.Min(2, Environment.ProcessorCount) })
                    cases.Add(network.Name, threads);
            return cases;
        }
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Cases))]
    public void The_row_taken_is_nearly_the_fastest(string network, int threads)
    {
        using Model model = Networks.Find(network)!.Build(new ZooOptions());
        using Session session = model.Compile(new SessionOptions { Target = "cpu", Threads = threads, CacheFolder = CacheFolder.Off });
        List<TunedSpec> slow = Slow(session, Time);
        // Another program may have held up one row: only who is slow again is slow.
        if (slow.Count > 0)
        {
            HashSet<string> before = [.. slow.Select(spec => spec.Spec)];
            slow = [.. Slow(session, LongerTime).Where(spec => before.Contains(spec.Spec))];
        }
        Assert.True(slow.Count == 0, string.Join('\n', slow.Select(Describe)));
    }

    private List<TunedSpec> Slow(Session session, TimeSpan time)
    {
        TuningReport report = session.Tune(null, time, TestContext.Current.CancellationToken);
        TunedSpec[] measured = [.. report.Specs.Where(spec => spec is { ChosenNanoseconds: not null, Best: not null })];
        double chosen = measured.Sum(spec => spec.Steps * spec.ChosenNanoseconds!.Value), best = measured.Sum(spec => spec.Steps * spec.Best!.Nanoseconds!.Value);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chosen / 1000:N0} us in the rows taken, {best / 1000:N0} us in the fastest; {measured.Length} of {report.Specs.Count} specs measured"));
        Assert.True(measured.Length > report.Specs.Count / 2, "most specs were not measured: the time is too short for this machine");
        return [.. measured.Where(spec => spec.ChosenNanoseconds > LeastNanoseconds && spec.ChosenNanoseconds > MostOfBest * spec.Best!.Nanoseconds)];
    }

    private static string Describe(TunedSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"{spec.Op} {spec.Output}: {spec.Chosen} takes {spec.ChosenNanoseconds / 1000:0.0} us, {spec.Best!.Row} {spec.Best.Nanoseconds / 1000:0.0} us ({spec.ChosenNanoseconds / spec.Best.Nanoseconds:0.00} times)");
}
