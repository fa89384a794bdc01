using System.CommandLine;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Tools.Reports;

namespace HybridConv.Cli.Commands;

/// <summary><c>devices</c>: the targets that can be named, and those that cannot, with the reason.</summary>
internal static class DevicesCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        Command command = common.Complete(new Command("devices", "Lists the targets that networks can run on."), common.Json);
        command.SetAction(parse =>
        {
            DevicesReport report = DevicesReport.OfThisMachine();
            terminal.Report(parse.GetValue(common.Json), report, ToolsJson.Default.DevicesReport, () =>
            {
                terminal.WriteLine($"{CpuInfo.Processor}, {Environment.ProcessorCount} processors, {Knobs.Isa.Label()} kernels");
                var table = new TextTable("target", "available", "what");
                foreach (DeviceReport device in report.Devices)
                    table.Add(device.Target, device.Available ? "yes" : "no", device.Description);
                terminal.Write(table);
                foreach (DeviceReport device in report.Devices)
                    if (device.Facts is { } facts)
                    {
                        terminal.WriteLine("");
                        var limits = new TextTable(device.Target, "");
                        foreach ((string name, string value) in facts)
                            limits.Add(name, value);
                        terminal.Write(limits);
                    }
            });
            return ExitCodes.Ok;
        });
        return command;
    }
}
