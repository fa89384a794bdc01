using System.Reflection;

namespace HybridConv.Cli.Data;

/// <summary>Names of a classifier's classes, by index.</summary>
internal sealed class Labels
{
    private readonly string[] names;

    private Labels(IEnumerable<string> lines) => names = [.. lines.Select(line => line.Trim())];

    public int Count => names.Length;

    /// <summary>One name per line.</summary>
    public static Labels Load(string path) => new(File.ReadAllLines(path));

    /// <summary>The 1000 classes of ImageNet (ILSVRC 2012) in their usual order: the first word that WordNet gives each.</summary>
    public static Labels ImageNet()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("imagenet.txt")!;
        using var reader = new StreamReader(stream);
        return new Labels(reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The name of a class; null where there is none. Networks with one class more than there are names have a background class in front.</summary>
    public string? Name(int index, int classes)
    {
        int shifted = classes == names.Length + 1 ? index - 1 : index;
        return shifted < 0 ? "background" : classes - names.Length is 0 or 1 ? names[shifted] : null;
    }
}
