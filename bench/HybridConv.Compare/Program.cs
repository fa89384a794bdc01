using HybridConv.Cli;
using HybridConv.Compare;

return CommandLine.Run(args, Terminal.OfProcess(), CompareCommand.Create);
