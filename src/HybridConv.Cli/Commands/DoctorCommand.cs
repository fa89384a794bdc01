using System.CommandLine;
using System.Globalization;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using HybridConv.Cli.Reports;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Targets;

namespace HybridConv.Cli.Commands;

/// <summary><c>doctor</c>: what HybridConv sees of this machine, and what about it is worth knowing.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        Command command = common.Complete(new Command("doctor", "Says what HybridConv finds on this machine and what limits it."), common.Json);
        command.SetAction(parse =>
        {
            MachineReport machine = Machine.Describe();
            IReadOnlyList<FindingReport> findings = [.. Examine(machine)];
            IReadOnlyList<KnobReport> knobs = KnobsCommand.Read();
            terminal.Report(parse.GetValue(common.Json), new DoctorReport(machine, findings, knobs), ReportJson.Default.DoctorReport, () => Print(terminal, findings));
            return findings.Any(finding => finding.Status == "problem") ? ExitCodes.CheckFailed : ExitCodes.Ok;
        });
        return command;
    }

    private static IEnumerable<FindingReport> Examine(MachineReport machine)
    {
        static FindingReport Ok(string subject, string text) => new(subject, "ok", text);
        static FindingReport Note(string subject, string text) => new(subject, "note", text);

        yield return Ok("hybridconv", machine.Version);
        yield return Ok(".net", $"{machine.Runtime}, {(RuntimeFeature.IsDynamicCodeCompiled ? "compiled at run time" : "compiled ahead of time")}");
        yield return Ok("system", $"{machine.Os}, {machine.Architecture}");
        yield return Ok("processor", $"{machine.Processor}, {machine.Processors} processors");
        yield return Ok("features", string.Join(' ', machine.Features));

        Isa isa = Knobs.Isa;
        yield return
            isa < CpuInfo.Widest ? Note("kernels", $"{isa.Label()} by HYBRIDCONV_ISA; the machine could run {CpuInfo.Widest.Label()}") :
            isa <= Isa.V128 && X86Base.IsSupported && !RuntimeFeature.IsDynamicCodeCompiled ? Note("kernels", $"{isa.Label()} with emulated multiply-adds, as this program was compiled for; publish it with IlcInstructionSet x86-64-v3 or native") :
            isa <= Isa.V128 && X86Base.IsSupported ? Note("kernels", $"{isa.Label()} with emulated multiply-adds; a processor with AVX2 and FMA would be many times faster") :
            Ok("kernels", isa.Label());

        string memory = string.Create(CultureInfo.InvariantCulture, $"{machine.MemoryBytes / (double)(1 << 30):0.0} GiB available to this process");
        yield return machine.MemoryBytes < 1L << 30 ? Note("memory", $"{memory}; large networks may not fit") : Ok("memory", memory);
        yield return GCSettings.IsServerGC
            ? Note("garbage collector", "server mode; it reserves memory per processor that inference does not need")
            : Ok("garbage collector", "workstation mode");
        foreach (TargetLine device in TargetList.Known.Where(t => t.Name.StartsWith("opencl", StringComparison.Ordinal)))
            yield return device.IsThere
                ? Ok(device.Name, string.Join("; ", [device.About, .. device.Facts.Select(f => $"{f.Name}: {f.Value}")]))
                : Note(device.Name, $"{device.About}; on Debian and Ubuntu: apt install pocl-opencl-icd, or your GPU's driver");
        var cache = new CacheFolder(Knobs.CacheFolder);
        yield return cache.WhyNot is { } why ? Note("cache", $"{(cache.Place is { } place ? $"{place}: " : "")}{why}; what is compiled or measured is forgotten") : Ok("cache", cache.Place!);
        foreach (Knob knob in Knobs.All)
            if (knob.Text is { } text)
                yield return Note("environment", $"{knob.Name}={text}");
    }

    private static void Print(Terminal terminal, IReadOnlyList<FindingReport> findings)
    {
        var table = new TextTable("what", "", "found");
        foreach (FindingReport finding in findings)
            table.Add(finding.Subject, finding.Status, finding.Text);
        terminal.Write(table);
    }
}
