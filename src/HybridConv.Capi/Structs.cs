using System.Runtime.InteropServices;

namespace HybridConv.Capi;

// The structs of hybridconv.h, field by field; a test of the C part compares sizes and offsets.

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LibraryInfo
{
    public nuint Size;
    public byte* Version, Isa, Level, Processor;
    public int AbiVersion, Processors;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ModelSettings
{
    public nuint Size;
    public long MaxModelBytes, MaxTensorBytes;
    public int MaxNodes, BorrowMemory;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DimensionSetting
{
    public byte* Symbol;
    public long Size;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ShapeSetting
{
    public byte* Input;
    public long* Dims;
    public nuint Rank;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SessionSettings
{
    public nuint Size;
    public byte* Target;
    public int Threads, Precision, InputLayout, OutputLayout;
    public DimensionSetting* Dimensions;
    public nuint DimensionCount;
    public ShapeSetting* InputShapes;
    public nuint InputShapeCount;
    public byte** Keep;
    public nuint KeepCount;
    public int Verify, OnMismatch;
    public byte* VerifyAgainst;
    public long MaxTensorBytes, MaxTotalBytes;
    public byte* CacheFolder, TuneFile;
    public int MaxPlans, Reserved;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SessionInfo
{
    public nuint Size;
    public byte* Target, TargetReason;
    public nuint InputCount, OutputCount;
    public int Threads, Reserved;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TensorView
{
    public nuint Size;
    public byte* Name;
    public int Type, Rank;
    public long* Shape;
    public void* Data;
    public nuint Bytes;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PictureView
{
    public nuint Size;
    public byte* Pixels;
    public int Width, Height, Channels, RowBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal struct PictureSettings
{
    public nuint Size;
    public int Fit;
    public float Scale;
    public Triple Mean, Std;
    public int SwapRedBlue, Reserved;
}

/// <summary>A number for each of three channels.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Triple
{
    public float First, Second, Third;

    public readonly float[] ToArray() => [First, Second, Third];
}

/// <summary>Structs that begin with their size, so that callers built with another version's header are understood. All of this version's fields are in its first header: no caller has less.</summary>
internal static unsafe class Sized
{
    /// <summary>Reads a struct; what a newer caller has beyond must be zero.</summary>
    /// <exception cref="CallException">The size cannot be right, or something is asked for that this version does not know.</exception>
    public static T Read<T>(T* source, string argument) where T : unmanaged
    {
        if (source is null)
            return default;
        nuint size = SizeOf(source, argument);
        T copy;
        new ReadOnlySpan<byte>(source, sizeof(T)).CopyTo(new Span<byte>(&copy, sizeof(T)));
        if (size > (nuint)sizeof(T) && new ReadOnlySpan<byte>((byte*)source + sizeof(T), (int)size - sizeof(T)).ContainsAnyExcept((byte)0))
            throw new CallException(Status.Argument, $"{argument} sets something that this version does not know");
        return copy;
    }

    /// <summary>Fills a struct, with zeros what a newer caller has beyond, and keeps its size field.</summary>
    public static void Write<T>(T* destination, T value, string argument) where T : unmanaged
    {
        if (destination is null)
            throw CallException.NullPointer(argument);
        nuint size = SizeOf(destination, argument);
        var target = new Span<byte>(destination, (int)size);
        target[sizeof(nuint)..].Clear();
        new ReadOnlySpan<byte>(&value, sizeof(T))[sizeof(nuint)..].CopyTo(target[sizeof(nuint)..]);
    }

    private static nuint SizeOf<T>(T* sized, string argument) where T : unmanaged
    {
        const nuint largest = 4096;
        nuint size = *(nuint*)sized;
        return size >= (nuint)sizeof(T) && size <= largest
            ? size
            : throw new CallException(Status.Argument, $"{argument}->size is {size}: the size of the struct is wanted, as its INIT macro sets it");
    }
}
