namespace HybridConv.OnnxSuite;
