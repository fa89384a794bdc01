using System.Runtime.InteropServices;
using HybridConv.OpenCL.Api;

namespace HybridConv.Testing.Devices;

/// <summary>
/// A driver that compiles every program once for a whole process: all contexts on a device are one, and programs of equal text and options are one. What callers
/// create and release still is theirs, so that a test may open the device for itself without waiting for compilers. Thread-safe.
/// </summary>
internal sealed unsafe class SharedPrograms(IClApi inner) : ApiLayer(inner)
{
    private readonly object gate = new();
    private readonly Dictionary<nint, nint> contexts = [];
    private readonly Dictionary<(string Text, string Options), (nint Program, int Status)> built = [];
    private readonly Dictionary<nint, Created> programs = [];
    private nint next = 1;

    /// <summary>The number of programs that were compiled.</summary>
    public int Builds => built.Count;

    public override nint CreateContext(nint platform, nint device, int* status)
    {
        lock (gate)
        {
            *status = ClStatus.Success;
            if (!contexts.TryGetValue(device, out nint context))
                contexts[device] = context = base.CreateContext(platform, device, status);
            return context;
        }
    }

    public override int ReleaseContext(nint context) => ClStatus.Success;

    public override nint CreateProgramWithSource(nint context, byte* text, nuint length, int* status)
    {
        lock (gate)
        {
            *status = ClStatus.Success;
            programs[next] = new Created(context, Marshal.PtrToStringUTF8((nint)text, (int)length));
            return next++;
        }
    }

    public override nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* status)
    {
        nint program = base.CreateProgramWithBinary(context, device, binary, length, status);
        if (*status != ClStatus.Success)
            return 0;
        lock (gate)
        {
            programs[next] = new Created(context, null) { Program = program };
            return next++;
        }
    }

    public override int BuildProgram(nint program, nint device, byte* options)
    {
        lock (gate)
        {
            Created created = programs[program];
            if (created.Text is null)
                return base.BuildProgram(created.Program, device, options);
            (string, string) key = (created.Text, Marshal.PtrToStringUTF8((nint)options)!);
            if (!built.TryGetValue(key, out (nint Program, int Status) found))
                built[key] = found = Build(created, device, options);
            created.Program = found.Program;
            return found.Status;
        }
    }

    public override int GetProgramInfo(nint program, Silk.NET.OpenCL.ProgramInfo name, nuint size, void* value, nuint* needed) =>
        base.GetProgramInfo(Real(program), name, size, value, needed);

    public override int GetProgramBuildInfo(nint program, nint device, Silk.NET.OpenCL.ProgramBuildInfo name, nuint size, void* value, nuint* needed) =>
        base.GetProgramBuildInfo(Real(program), device, name, size, value, needed);

    public override nint CreateKernel(nint program, byte* name, int* status) => base.CreateKernel(Real(program), name, status);

    public override int ReleaseProgram(nint program)
    {
        Created? released;
        lock (gate)
            programs.Remove(program, out released);
        return released!.Text is null ? base.ReleaseProgram(released.Program) : ClStatus.Success;
    }

    private (nint Program, int Status) Build(Created created, nint device, byte* options)
    {
        int status;
        byte[] text = System.Text.Encoding.UTF8.GetBytes(created.Text!);
        nint program;
        fixed (byte* start = text)
            program = base.CreateProgramWithSource(created.Context, start, (nuint)text.Length, &status);
        return (program, status == ClStatus.Success ? base.BuildProgram(program, device, options) : status);
    }

    private nint Real(nint program)
    {
        lock (gate)
            return programs[program].Program;
    }

    /// <param name="Context">In which it was created.</param>
    /// <param name="Text">The source; null for a program of its own, made of a binary.</param>
    private sealed record Created(nint Context, string? Text)
    {
        public nint Program { get; set; }
    }
}
