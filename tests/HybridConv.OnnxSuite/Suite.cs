using HybridConv.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(RequestedIsa))]
