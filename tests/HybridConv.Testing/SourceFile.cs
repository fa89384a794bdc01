using System.Text.RegularExpressions;

namespace HybridConv.Testing;

/// <summary>A source file of the checkout, for tests that hold the house rules.</summary>
/// <param name="Path">From the root, with forward slashes.</param>
/// <param name="Text">As it is on disk.</param>
public sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>The C# files below a folder, by its path from the root.</summary>
    public static IReadOnlyList<SourceFile> Below(string folder) =>
        [.. Repository.Files().Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)).Select(f => new SourceFile(f, Repository.Read(f)))];

    /// <summary>The file's name without its folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The file's folder.</summary>
    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>The text without comments and without what stands in string and character literals.</summary>
    public string Code => CommentOrLiteral().Replace(Text, m => m.Value[0] == '/' ? " " : "\"\"");

    /// <summary>The file-scoped namespace; null when there is none.</summary>
    public string? Namespace => NamespaceLine().Match(Code) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("""
        //[^\n]*
        | /\*.*?\*/
        | \$*"{3,}.*?"{3,}
        | \$?@\$?"(?:[^"]|"")*"
        | \$?"(?:[^"\\\n]|\\.)*"
        | '(?:[^'\\\n]|\\.[^']*)'
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrLiteral();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
