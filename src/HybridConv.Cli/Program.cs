using HybridConv.Cli;

return CommandLine.Run(args, Terminal.OfProcess());
