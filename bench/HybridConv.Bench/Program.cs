using BenchmarkDotNet.Running;
using HybridConv.Bench;

// [--isa v512,v256,...] and then BenchmarkDotNet's own arguments, for example --filter '*Layers*1x1*' --list flat.
(BenchConfig config, string[] others) = BenchConfig.FromArguments(args);
BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(others, config);
