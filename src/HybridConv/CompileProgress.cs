namespace HybridConv;

/// <summary>What compiling a session is doing. The numbers are those of one kind of work: programs to build, kernels to check.</summary>
/// <param name="Doing">For people: what is being done, and to what.</param>
/// <param name="Done">Pieces of this work that are done.</param>
/// <param name="Total">Pieces of this work.</param>
public readonly record struct CompileProgress(string Doing, int Done, int Total);
