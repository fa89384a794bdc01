using System.CommandLine;
using System.Globalization;
using HybridConv.Tools;

namespace HybridConv.Cli;

/// <summary>The shapes of a network's inputs, where the network leaves them open: from <c>--shape</c>, or one picture per run.</summary>
internal sealed class InputShapes
{
    public Option<string[]> Option { get; } = new("--shape")
    {
        Description = "The shape of an input that the network leaves open; may be repeated. An open batch alone is taken as 1.",
        HelpName = "NAME=N,N,...",
        DefaultValueFactory = _ => [],
    };

    /// <summary>A shape for every input.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="inputs">The model's.</param>
    /// <param name="batch">The size of an open first axis.</param>
    /// <exception cref="UsageException">An input stays open, or there is no input of a given name.</exception>
    public IReadOnlyDictionary<string, long[]> Resolve(ParseResult parse, IReadOnlyList<TensorInfo> inputs, int batch = 1)
    {
        var shapes = new Dictionary<string, long[]>();
        foreach (string text in parse.GetValue(Option)!)
        {
            int equals = text.LastIndexOf('=');
            string name = text[..Math.Max(0, equals)];
            if (equals < 1 || !TryParse(text[(equals + 1)..], out long[] shape))
                throw new UsageException($"--shape {text}: NAME=N,N,... is wanted");
            if (inputs.All(input => input.Name != name))
                throw new UsageException($"--shape {text}: there is no input '{name}'; there are {string.Join(", ", inputs)}");
            shapes[name] = shape;
        }
        foreach (TensorInfo input in inputs)
            if (!shapes.ContainsKey(input.Name))
                shapes[input.Name] = Declared(input, batch);
        return shapes;
    }

    private static long[] Declared(TensorInfo input, int batch)
    {
        if (input.Dimensions is { } dims && dims.Skip(1).All(dim => !dim.IsOpen))
            return [.. dims.Select(dim => dim.IsOpen ? batch : dim.Size)];
        throw new UsageException($"the input {input} has open dimensions; give its shape with --shape {input.Name}=N,N,...");
    }

    private static bool TryParse(string text, out long[] shape)
    {
        string[] parts = text.Length == 0 ? [] : text.Split(',', 'x');
        shape = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]))
                return false;
        return true;
    }
}
