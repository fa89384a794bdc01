namespace HybridConv.Tests;
