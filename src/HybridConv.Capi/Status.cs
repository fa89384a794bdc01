namespace HybridConv.Capi;

/// <summary><c>hc_status</c>: what a call came to. Up to 7999 the numbers are those of <see cref="ErrorCode"/>.</summary>
internal enum Status
{
    Ok = 0,
    Handle = 8000,
    Argument = 8001,
    State = 8002,
    Busy = 8003,
    File = 8004,
    Memory = 8005,
    Cancelled = 8006,
    /// <summary>The selector's own: no part of the library can be loaded.</summary>
    Library = 8007,
    Internal = 8099,
}
