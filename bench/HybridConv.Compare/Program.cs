using HybridConv.Cli;
using HybridConv.Compare;

return CommandLine.Run(args, Terminal.OfProcess(), (common, terminal) => CompareCommand.Create(common, terminal, Engines.All));
