using HybridConv.Graphs;

namespace HybridConv.Planning;

/// <summary>Fixes the open dimensions of a session's inputs, and checks shapes that callers give.</summary>
internal static class SessionShapes
{
    public static Shape Shape(TensorInfo info) => new([.. info.Dimensions!.Select(d => d.Size)]);

    /// <summary>The inputs with the dimensions that the options fix.</summary>
    public static IReadOnlyList<TensorInfo> Fix(IReadOnlyList<TensorInfo> inputs, SessionOptions options)
    {
        RequireInputs(inputs, options.InputShapes);
        return [.. inputs.Select(input => Fix(input, options))];
    }

    private static TensorInfo Fix(TensorInfo input, SessionOptions options)
    {
        if (options.InputShapes is { } shapes && shapes.TryGetValue(input.Name, out long[]? shape))
            return Check(input, shape);
        if (options.Dimensions is not { } sizes || input.Dimensions is null)
            return input;
        return input with { Dimensions = [.. input.Dimensions.Select(d => d.IsOpen && d.Name is { Length: > 0 } name && sizes.TryGetValue(name, out long size) ? size : d)] };
    }

    /// <summary>One concrete shape per input.</summary>
    public static Shape[] Resolve(IReadOnlyList<TensorInfo> inputs, IReadOnlyDictionary<string, long[]>? given)
    {
        RequireInputs(inputs, given);
        var symbols = new Dictionary<string, (long Size, string Input)>();
        var shapes = new Shape[inputs.Count];
        for (int i = 0; i < shapes.Length; i++)
        {
            TensorInfo input = inputs[i];
            if (given is not null && given.TryGetValue(input.Name, out long[]? shape))
            {
                TensorInfo open = input;
                input = Check(open, shape);
                NoteSymbols(symbols, open, shape);
            }
            if (!input.IsFixed)
                throw new ShapeException(
                    $"input '{input.Name}' has an open dimension: {input}. Fix it with SessionOptions.Dimensions or SessionOptions.InputShapes, or pass its shape to CreateRun.",
                    ErrorCode.OpenDimension);
            shapes[i] = Shape(input);
        }
        return shapes;
    }

    private static void RequireInputs(IReadOnlyList<TensorInfo> inputs, IReadOnlyDictionary<string, long[]>? given)
    {
        foreach (string name in given?.Keys ?? [])
            if (inputs.All(input => input.Name != name))
                throw new OperandException($"There is no input '{name}'. Inputs: {string.Join(", ", inputs)}.");
    }

    private static TensorInfo Check(TensorInfo input, long[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (input.Dimensions is { } declared)
        {
            bool fits = declared.Count == shape.Length;
            for (int i = 0; fits && i < shape.Length; i++)
                fits = declared[i].IsOpen || declared[i].Size == shape[i];
            if (!fits)
                throw new ShapeException($"input '{input.Name}': expected [{string.Join(',', declared)}], got {Graphs.Shape.Format(shape)}");
        }
        _ = new Shape(shape);
        return input with { Dimensions = [.. shape.Select(d => (Dimension)d)] };
    }

    private static void NoteSymbols(Dictionary<string, (long Size, string Input)> symbols, TensorInfo input, long[] shape)
    {
        for (int i = 0; i < shape.Length && i < input.Dimensions?.Count; i++)
            if (input.Dimensions[i] is { IsOpen: true, Name: { Length: > 0 } symbol } && !symbols.TryAdd(symbol, (shape[i], input.Name)) && symbols[symbol].Size != shape[i])
                throw new ShapeException($"the dimension '{symbol}' is {symbols[symbol].Size} in input '{symbols[symbol].Input}' and {shape[i]} in input '{input.Name}'");
    }
}
