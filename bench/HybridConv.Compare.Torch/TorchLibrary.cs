using System.Runtime.InteropServices;

namespace HybridConv.Compare.Torch;

/// <summary>torch's native library.</summary>
internal static class TorchLibrary
{
    private const string Name = "LibTorchSharp";

    /// <summary>
    /// Loads it before TorchSharp does, which would search all over the machine for another one, and print where. It stands among the native files of this
    /// program's packages.
    /// </summary>
    /// <exception cref="EngineException">It is not there, or the system cannot load it.</exception>
    public static void Require()
    {
        string file = OperatingSystem.IsWindows() ? $"{Name}.dll" : OperatingSystem.IsMacOS() ? $"lib{Name}.dylib" : $"lib{Name}.so";
        string[] folders = [AppContext.BaseDirectory, .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)?.Split(Path.PathSeparator) ?? []];
        string path = folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists)
            ?? throw new EngineException($"its packages have no {file} for {RuntimeInformation.RuntimeIdentifier}");
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new EngineException($"its native library does not load: {Reason(e.Message)}");
        }
    }

    /// <summary>What the system's loader says is the last line of the runtime's message.</summary>
    private static string Reason(string message) => message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
}
