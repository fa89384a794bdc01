using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using HybridConv.OpenCL.Api;
using HybridConv.Testing.Devices;
using Silk.NET.OpenCL;

namespace HybridConv.Tests.OpenCL;

/// <summary>A driver that only builds programs: a binary is the hash of the source and options that it was made from, and other bytes are refused.</summary>
internal sealed unsafe class CompilerStub : ApiLayer
{
    private static readonly byte[] BinaryStart = "binary"u8.ToArray();

    private readonly Lock gate = new();
    private readonly Dictionary<nint, byte[]> programs = [];
    private nint next = 1;

    public CompilerStub() : base(null!)
    {
    }

    /// <summary>Programs built from their source, and from what was kept.</summary>
    public int SourceBuilds { get; private set; }
    public int BinaryBuilds { get; private set; }

    public int Live => programs.Count;

    /// <summary>Called while a program is built.</summary>
    public Action? Building { get; set; }

    /// <summary>Sources with this word do not compile.</summary>
    public string? Error { get; set; }

    public override nint CreateProgramWithSource(nint context, byte* text, nuint length, int* status)
    {
        *status = ClStatus.Success;
        return Add(new ReadOnlySpan<byte>(text, (int)length));
    }

    public override nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* status)
    {
        var bytes = new ReadOnlySpan<byte>(binary, (int)length);
        bool isOwn = bytes.StartsWith(BinaryStart) && bytes.Length == BinaryStart.Length + SHA256.HashSizeInBytes;
        *status = isOwn ? ClStatus.Success : (int)ErrorCodes.InvalidBinary;
        return isOwn ? Add(bytes) : 0;
    }

    public override int BuildProgram(nint program, nint device, byte* options)
    {
        Building?.Invoke();
        lock (gate)
        {
            byte[] from = programs[program];
            bool isBinary = from.AsSpan().StartsWith(BinaryStart);
            if (!isBinary && Error is not null && Encoding.UTF8.GetString(from).Contains(Error, StringComparison.Ordinal))
                return ClStatus.BuildFailure;
            if (isBinary)
                BinaryBuilds++;
            else
            {
                SourceBuilds++;
                programs[program] = [.. BinaryStart, .. SHA256.HashData([.. from, .. Encoding.UTF8.GetBytes(Marshal.PtrToStringUTF8((nint)options)!)])];
            }
            return ClStatus.Success;
        }
    }

    public override int GetProgramInfo(nint program, ProgramInfo name, nuint size, void* value, nuint* needed)
    {
        lock (gate)
        {
            if (name == ProgramInfo.BinarySizes)
                *(nuint*)value = (nuint)programs[program].Length;
            else
                programs[program].CopyTo(new Span<byte>(*(byte**)value, programs[program].Length));
            return ClStatus.Success;
        }
    }

    public override int GetProgramBuildInfo(nint program, nint device, ProgramBuildInfo name, nuint size, void* value, nuint* needed)
    {
        byte[] log = "line 1: no\0"u8.ToArray();
        if (needed is not null)
            *needed = (nuint)log.Length;
        if (value is not null)
            log.CopyTo(new Span<byte>(value, log.Length));
        return ClStatus.Success;
    }

    public override int ReleaseProgram(nint program)
    {
        lock (gate)
            return programs.Remove(program) ? ClStatus.Success : (int)ErrorCodes.InvalidProgram;
    }

    private nint Add(ReadOnlySpan<byte> from)
    {
        lock (gate)
        {
            programs[next] = from.ToArray();
            return next++;
        }
    }
}
