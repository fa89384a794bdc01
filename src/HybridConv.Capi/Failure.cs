using System.Runtime.InteropServices;
using HybridConv.Tools;

namespace HybridConv.Capi;

/// <summary>Turns what a call threw into a status, and keeps the sentence for the thread that called.</summary>
internal static unsafe class Failure
{
    /// <summary>One text per thread, freed with it: C callers hold a pointer to it until their next failure.</summary>
    [ThreadStatic]
    private static Sentence? last;

    private static readonly byte[] Nothing = GC.AllocateArray<byte>(1, pinned: true);

    /// <summary>UTF-8, ending with a zero; empty before the thread's first failure.</summary>
    public static byte* LastMessage => last is { } sentence ? sentence.Text : (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(Nothing, 0);

    public static Status Of(Exception exception)
    {
        (Status status, string message) = Describe(exception);
        try
        {
            last = new Sentence(message);
        }
        catch (OutOfMemoryException)
        {
            last = null;
        }
        return status;
    }

    private static (Status Status, string Message) Describe(Exception exception) => exception switch
    {
        CallException call => (call.Status, call.Message),
        HybridConvException typed => ((Status)typed.Code, typed.Message),
        UsageException => (Status.Argument, exception.Message),
        ObjectDisposedException => (Status.Handle, "what this call needs has been closed: a model, or the session of a run"),
        OperationCanceledException => (Status.Cancelled, "the execution was cancelled"),
        OutOfMemoryException => (Status.Memory, "there is not enough memory"),
        IOException or UnauthorizedAccessException => (Status.File, exception.Message),
        ArgumentException => (Status.Argument, exception.Message),
        InvalidOperationException => (Status.State, exception.Message),
        _ => (Status.Internal, $"{exception.GetType().Name}: {exception.Message}"),
    };

    private sealed class Sentence(string message)
    {
        public byte* Text { get; } = Text8.Allocate(message);

        ~Sentence() => Text8.Free(Text);
    }
}
