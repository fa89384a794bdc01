using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Tools.Data;
using HybridConv.Tools.Reports;

namespace HybridConv.Capi;

/// <summary>The functions of hybridconv.h that need no handle.</summary>
internal static unsafe class LibraryExports
{
    /// <summary>Raised whenever a function or struct changes in a way that old callers would notice.</summary>
    private const int AbiVersion = 1;

    private static readonly Lazy<LibraryInfo> Info = new(() => new LibraryInfo
    {
        Version = Text8.Allocate(typeof(Model).Assembly.GetName().Version!.ToString(3)),
        Isa = Text8.Allocate(Knobs.Isa.Label()),
        Level = Text8.Allocate(Level),
        Processor = Text8.Allocate(CpuInfo.Processor),
        AbiVersion = AbiVersion,
        Processors = Environment.ProcessorCount,
    });

    /// <summary>The level of instruction sets that this library was compiled for: NativeAOT settles what is supported when it compiles.</summary>
    private static string Level => !X86Base.IsSupported ? RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant() : CpuInfo.Widest switch
    {
        Isa.V512 => "x86-64-v4",
        Isa.V256 => "x86-64-v3",
        _ => "x86-64-v2",
    };

    [UnmanagedCallersOnly(EntryPoint = "hc_info")]
    public static Status GetInfo(LibraryInfo* info)
    {
        try
        {
            Sized.Write(info, Info.Value, "info");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_last_error")]
    public static byte* LastError() => Failure.LastMessage;

    [UnmanagedCallersOnly(EntryPoint = "hc_status_name")]
    public static byte* NameOf(Status status)
    {
        ReadOnlySpan<byte> name = StatusName.Of(status);
        // A literal: static data that ends with a zero.
        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(name));
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_free")]
    public static void Free(void* memory) => Text8.Free(memory);

    [UnmanagedCallersOnly(EntryPoint = "hc_devices")]
    public static Status Devices(byte** json)
    {
        try
        {
            Json.Write(json, DevicesReport.OfThisMachine(), ToolsJson.Default.DevicesReport);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "hc_picture_read")]
    public static Status ReadPicture(byte* path, int channels, PictureView* picture)
    {
        try
        {
            if (channels is not (1 or 3))
                throw new CallException(Status.Argument, $"channels is {channels}: 3 (RGB) or 1 (brightness) is wanted");
            Sized.Write(picture, default, "picture");
            Picture read = Picture.Load(Text8.Read(path, "path"), channels);
            byte* pixels = (byte*)Marshal.AllocCoTaskMem(read.Pixels.Length);
            read.Pixels.CopyTo(new Span<byte>(pixels, read.Pixels.Length));
            Sized.Write(picture, new PictureView { Pixels = pixels, Width = read.Width, Height = read.Height, Channels = channels }, "picture");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }
}
