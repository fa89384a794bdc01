namespace HybridConv.Capi;

/// <summary>Options as C callers give them, as the engine takes them. What is zero is left to the engine.</summary>
internal static unsafe class SettingsReader
{
    /// <summary>More than any network has, of names or axes: a larger count is a mistake, and not followed into memory.</summary>
    private const nuint MostEntries = 1 << 16;

    public static ModelOptions Model(ModelSettings settings)
    {
        var defaults = new ModelOptions();
        return new ModelOptions
        {
            MaxModelBytes = Or(settings.MaxModelBytes, defaults.MaxModelBytes, "max_model_bytes"),
            MaxTensorBytes = Or(settings.MaxTensorBytes, defaults.MaxTensorBytes, "max_tensor_bytes"),
            MaxNodes = (int)Or(settings.MaxNodes, defaults.MaxNodes, "max_nodes"),
        };
    }

    public static SessionOptions Session(SessionSettings settings)
    {
        var defaults = new SessionOptions();
        return new SessionOptions
        {
            Target = Text8.ReadOptional(settings.Target, "target") ?? defaults.Target,
            Threads = settings.Threads is >= 0 and <= Knobs.MaxThreads ? settings.Threads : throw new CallException(Status.Argument, $"threads is {settings.Threads}: 0 to {Knobs.MaxThreads} is wanted"),
            Precision = Choice<Precision>(settings.Precision, "precision"),
            InputLayout = Choice<ImageLayout>(settings.InputLayout, "input_layout"),
            OutputLayout = Choice<ImageLayout>(settings.OutputLayout, "output_layout"),
            Dimensions = Dimensions(settings.Dimensions, settings.DimensionCount),
            InputShapes = Shapes(settings.InputShapes, settings.InputShapeCount, "input_shapes"),
            Keep = Names(settings.Keep, settings.KeepCount),
            Verify = Choice<Verify>(settings.Verify, "verify"),
            VerifyOptions = new VerifyOptions { OnMismatch = Choice<OnMismatch>(settings.OnMismatch, "on_mismatch"), Against = Text8.ReadOptional(settings.VerifyAgainst, "verify_against") },
            MaxTensorBytes = Or(settings.MaxTensorBytes, defaults.MaxTensorBytes, "max_tensor_bytes"),
            MaxTotalBytes = Or(settings.MaxTotalBytes, defaults.MaxTotalBytes, "max_total_bytes"),
            CacheFolder = Text8.ReadOptional(settings.CacheFolder, "cache_folder"),
            TuneFile = Text8.ReadOptional(settings.TuneFile, "tune_file"),
            MaxPlans = (int)Or(settings.MaxPlans, defaults.MaxPlans, "max_plans"),
        };
    }

    /// <summary>Shapes by input; null without any.</summary>
    public static Dictionary<string, long[]>? Shapes(ShapeSetting* shapes, nuint count, string argument)
    {
        if (Count(shapes, count, argument) == 0)
            return null;
        var byInput = new Dictionary<string, long[]>();
        for (int i = 0; i < (int)count; i++)
        {
            string input = Text8.Read(shapes[i].Input, $"{argument}[{i}].input");
            var dims = new ReadOnlySpan<long>(shapes[i].Dims, Count(shapes[i].Dims, shapes[i].Rank, $"{argument}[{i}].dims"));
            if (!byInput.TryAdd(input, dims.ToArray()))
                throw new CallException(Status.Argument, $"{argument} names the input '{input}' twice");
        }
        return byInput;
    }

    /// <summary>A member of an enumeration by its number.</summary>
    public static T Choice<T>(int number, string argument) where T : struct, Enum
    {
        var choice = (T)Enum.ToObject(typeof(T), number);
        return Enum.IsDefined(choice) ? choice : throw new CallException(Status.Argument, $"{argument} is {number}, which means nothing");
    }

    /// <summary>The length of an array that may be absent.</summary>
    public static int Count(void* array, nuint count, string argument) =>
        count == 0 ? 0 :
        array is null ? throw CallException.NullPointer(argument) :
        count <= MostEntries ? (int)count : throw new CallException(Status.Argument, $"{argument} has {count} entries, over the limit of {MostEntries}");

    private static Dictionary<string, long>? Dimensions(DimensionSetting* dimensions, nuint count)
    {
        if (Count(dimensions, count, "dimensions") == 0)
            return null;
        var bySymbol = new Dictionary<string, long>();
        for (int i = 0; i < (int)count; i++)
        {
            string symbol = Text8.Read(dimensions[i].Symbol, $"dimensions[{i}].symbol");
            if (dimensions[i].Size is < 0 or > int.MaxValue)
                throw new CallException(Status.Argument, $"dimensions gives '{symbol}' the size {dimensions[i].Size}: 0 to {int.MaxValue} is wanted");
            if (!bySymbol.TryAdd(symbol, dimensions[i].Size))
                throw new CallException(Status.Argument, $"dimensions names '{symbol}' twice");
        }
        return bySymbol;
    }

    private static string[]? Names(byte** names, nuint count)
    {
        if (Count(names, count, "keep") == 0)
            return null;
        var texts = new string[count];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = Text8.Read(names[i], $"keep[{i}]");
        return texts;
    }

    private static long Or(long value, long whenZero, string argument) =>
        value >= 0 ? (value == 0 ? whenZero : value) : throw new CallException(Status.Argument, $"{argument} is {value}: a number above 0 is wanted, or 0 for the default");
}
