using HybridConv.Cli;
using HybridConv.Compare;
using HybridConv.Compare.Torch;

return CommandLine.Run(args, Terminal.OfProcess(), (common, terminal) => CompareCommand.Create(common, terminal, [.. Engines.All, TorchEngine.Entry]));
