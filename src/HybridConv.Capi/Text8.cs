using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace HybridConv.Capi;

/// <summary>Text as C has it: UTF-8, ending with a zero.</summary>
internal static unsafe class Text8
{
    /// <exception cref="CallException">A null pointer, or not UTF-8.</exception>
    public static string Read(byte* text, string argument)
    {
        if (text is null)
            throw CallException.NullPointer(argument);
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new CallException(Status.Argument, $"{argument} is not UTF-8");
    }

    /// <summary>Text that may be left out.</summary>
    public static string? ReadOptional(byte* text, string argument) => text is null ? null : Read(text, argument);

    /// <summary>A copy that lives until <see cref="Free"/>.</summary>
    public static byte* Allocate(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    /// <summary>Frees what this library allocated for its caller.</summary>
    public static void Free(void* memory) => Marshal.FreeCoTaskMem((nint)memory);
}
