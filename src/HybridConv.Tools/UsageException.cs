namespace HybridConv.Tools;

/// <summary>What is asked for cannot be done; the message is one sentence for the user.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
