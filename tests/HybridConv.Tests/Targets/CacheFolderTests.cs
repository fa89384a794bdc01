using HybridConv.Targets;
using Xunit;

namespace HybridConv.Tests.Targets;

public sealed class CacheFolderTests : IDisposable
{
    private const string Kind = "things";

    private static readonly CacheKey Key = CacheKey.Of("a", "b");
    private static readonly byte[] Content = [.. Enumerable.Range(0, 50).Select(i => (byte)i)];

    private readonly DirectoryInfo parent = Directory.CreateTempSubdirectory("hybridconv-cache-");

    private string Place => Path.Combine(parent.FullName, "cache");

    private string File(CacheKey key) => Path.Combine(Place, Kind, key.Hex);

    public void Dispose() => parent.Delete(recursive: true);

    [Fact]
    public void What_is_written_is_read_by_the_next()
    {
        Assert.Null(new CacheFolder(Place).Read(Kind, Key));
        Assert.True(new CacheFolder(Place).Write(Kind, Key, Content));
        Assert.Equal(Content, new CacheFolder(Place).Read(Kind, Key));
        Assert.Null(new CacheFolder(Place).Read("other things", Key));
        Assert.True(new CacheFolder(Place).Write(Kind, Key, []));
        Assert.Empty(new CacheFolder(Place).Read(Kind, Key)!);
    }

    [Fact]
    public void Lists_that_would_read_alike_have_different_keys()
    {
        Assert.Equal(Key, CacheKey.Of("a", "b"));
        Assert.Equal(4, new[] { Key, CacheKey.Of("ab"), CacheKey.Of("a", "b", ""), CacheKey.Of("b", "a") }.Distinct().Count());
    }

    [Fact]
    public void A_file_that_is_cut_short_anywhere_is_nothing()
    {
        var cache = new CacheFolder(Place);
        cache.Write(Kind, Key, Content);
        byte[] whole = System.IO.File.ReadAllBytes(File(Key));
        for (int length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File(Key), whole[..length]);
            Assert.True(cache.Read(Kind, Key) is null, $"{length} of {whole.Length} bytes were taken for an entry");
        }
        System.IO.File.WriteAllBytes(File(Key), [.. whole, 0]);
        Assert.Null(cache.Read(Kind, Key));
    }

    [Fact]
    public void A_file_with_any_bit_flipped_is_nothing()
    {
        var cache = new CacheFolder(Place);
        cache.Write(Kind, Key, Content);
        byte[] whole = System.IO.File.ReadAllBytes(File(Key));
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            System.IO.File.WriteAllBytes(File(Key), flipped);
            Assert.True(cache.Read(Kind, Key) is null, $"bit {bit} was flipped and the file still taken for an entry");
        }
        Assert.True(cache.Write(Kind, Key, Content));
        Assert.Equal(Content, cache.Read(Kind, Key));
    }

    [Fact]
    public void An_entry_under_anothers_name_is_nothing()
    {
        var cache = new CacheFolder(Place);
        CacheKey other = CacheKey.Of("other");
        cache.Write(Kind, other, Content);
        System.IO.File.Move(File(other), File(Key));
        Assert.Null(cache.Read(Kind, Key));
    }

    [Fact]
    public void Off_keeps_nothing()
    {
        var off = CacheFolder.Of(new SessionOptions { CacheFolder = "off" });
        Assert.NotNull(off.WhyNot);
        Assert.False(off.Write(Kind, Key, Content));
        Assert.Null(off.Read(Kind, Key));
    }

    [Fact]
    public void A_file_in_the_folders_place_is_no_error()
    {
        System.IO.File.WriteAllText(Place, "not a folder");
        var cache = new CacheFolder(Place);
        Assert.False(cache.Write(Kind, Key, Content));
        Assert.Null(cache.Read(Kind, Key));
    }

    [Fact]
    public void Only_the_user_may_look_inside()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        new CacheFolder(Place).Write(Kind, Key, Content);
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(Private, System.IO.File.GetUnixFileMode(Place));
            Assert.Equal(Private, System.IO.File.GetUnixFileMode(Path.Combine(Place, Kind)));
        }
    }

    [Fact]
    public void A_folder_that_others_may_write_to_is_not_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        new CacheFolder(Place).Write(Kind, Key, Content);
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(Place, System.IO.File.GetUnixFileMode(Place) | UnixFileMode.OtherWrite);
        var cache = new CacheFolder(Place);
        Assert.NotNull(cache.WhyNot);
        Assert.Null(cache.Read(Kind, Key));
        Assert.False(cache.Write(Kind, Key, Content));
    }

    [Fact]
    public void A_folder_that_nobody_may_write_to_is_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Windows has no such modes, and root may write everywhere.");
        new CacheFolder(Place).Write(Kind, Key, Content);
        const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows())
            foreach (string folder in new[] { Path.Combine(Place, Kind), Place })
                System.IO.File.SetUnixFileMode(folder, ReadOnly);
        try
        {
            var cache = new CacheFolder(Place);
            Assert.Equal(Content, cache.Read(Kind, Key));
            Assert.False(cache.Write(Kind, CacheKey.Of("another"), Content));
        }
        finally
        {
            if (!OperatingSystem.IsWindows())
                foreach (string folder in new[] { Place, Path.Combine(Place, Kind) })
                    System.IO.File.SetUnixFileMode(folder, ReadOnly | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task Readers_see_whole_entries_while_others_write()
    {
        byte[][] contents = [.. Enumerable.Range(0, 4).Select(i => Enumerable.Repeat((byte)i, 10_000 * (i + 1)).ToArray())];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromMilliseconds(500));
        int seen = 0;
        Task[] writers = [.. contents.Select(content => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                new CacheFolder(Place).Write(Kind, Key, content);
        }))];
        await Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                if (new CacheFolder(Place).Read(Kind, Key) is { } read)
                {
                    seen++;
                    Assert.Equal(contents[read[0]], read);
                }
        });
        await Task.WhenAll(writers);
        Assert.True(seen > 10, $"{seen} reads");
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(Place, Kind)), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }
}
