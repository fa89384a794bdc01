namespace HybridConv.Testing;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", ".git", ".vs", ".idea", ".vscode"];

    /// <summary>The folder that holds <c>HybridConv.sln</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file or folder of the checkout, by its path from the root.</summary>
    public static string PathTo(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>
    /// Every file that somebody wrote, as paths from the root with forward slashes, in ordinal order: build outputs and hidden tool folders are left out.
    /// </summary>
    public static IReadOnlyList<string> Files()
    {
        var files = new List<string>();
        var folders = new Stack<string>([Root]);
        while (folders.TryPop(out string? folder))
        {
            files.AddRange(Directory.EnumerateFiles(folder).Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/')));
            foreach (string child in Directory.EnumerateDirectories(folder))
                if (!Generated.Contains(Path.GetFileName(child)))
                    folders.Push(child);
        }
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>The text of a file of the checkout.</summary>
    public static string Read(string path) => File.ReadAllText(PathTo(path));

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "HybridConv.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No HybridConv.sln above '{AppContext.BaseDirectory}': the tests must run inside a checkout.");
    }
}
