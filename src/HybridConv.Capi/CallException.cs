namespace HybridConv.Capi;

/// <summary>A call through the C interface that cannot be carried out as it stands; the message is one sentence for the caller.</summary>
internal sealed class CallException(Status status, string message) : Exception(message)
{
    public Status Status { get; } = status;

    public static CallException NullPointer(string argument) => new(Status.Argument, $"{argument} is a null pointer");
}
