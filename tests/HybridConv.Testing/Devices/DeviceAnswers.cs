using System.Text;
using HybridConv.OpenCL.Api;

namespace HybridConv.Testing.Devices;

/// <summary>How OpenCL's information functions give their answers.</summary>
internal static unsafe class DeviceAnswers
{
    private const int InvalidValue = -30;

    public static int Write(ulong number, nuint size, void* value, nuint* needed) => Write(BitConverter.GetBytes(number), size, value, needed);

    public static int Write(string text, nuint size, void* value, nuint* needed) => Write(Encoding.UTF8.GetBytes(text + '\0'), size, value, needed);

    private static int Write(byte[] answer, nuint size, void* value, nuint* needed)
    {
        if (needed is not null)
            *needed = (nuint)answer.Length;
        if (value is null)
            return ClStatus.Success;
        if (size < (nuint)answer.Length)
            return InvalidValue;
        answer.CopyTo(new Span<byte>(value, answer.Length));
        return ClStatus.Success;
    }
}
