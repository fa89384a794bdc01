namespace HybridConv.Conformance;
