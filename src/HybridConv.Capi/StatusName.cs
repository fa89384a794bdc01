namespace HybridConv.Capi;

/// <summary>The names that statuses have in hybridconv.h.</summary>
internal static class StatusName
{
    public static ReadOnlySpan<byte> Of(Status status) => status switch
    {
        Status.Ok => "HC_OK"u8,
        (Status)ErrorCode.ModelFormat => "HC_ERROR_MODEL_FORMAT"u8,
        (Status)ErrorCode.InvalidGraph => "HC_ERROR_INVALID_GRAPH"u8,
        (Status)ErrorCode.ExternalData => "HC_ERROR_EXTERNAL_DATA"u8,
        (Status)ErrorCode.UnsupportedModel => "HC_ERROR_UNSUPPORTED_MODEL"u8,
        (Status)ErrorCode.Shape => "HC_ERROR_SHAPE"u8,
        (Status)ErrorCode.OpenDimension => "HC_ERROR_OPEN_DIMENSION"u8,
        (Status)ErrorCode.Operand => "HC_ERROR_OPERAND"u8,
        (Status)ErrorCode.ResourceLimit => "HC_ERROR_RESOURCE_LIMIT"u8,
        (Status)ErrorCode.Device => "HC_ERROR_DEVICE"u8,
        (Status)ErrorCode.NoSuchTarget => "HC_ERROR_NO_SUCH_TARGET"u8,
        (Status)ErrorCode.Configuration => "HC_ERROR_CONFIGURATION"u8,
        (Status)ErrorCode.Mismatch => "HC_ERROR_MISMATCH"u8,
        Status.Handle => "HC_ERROR_HANDLE"u8,
        Status.Argument => "HC_ERROR_ARGUMENT"u8,
        Status.State => "HC_ERROR_STATE"u8,
        Status.Busy => "HC_ERROR_BUSY"u8,
        Status.File => "HC_ERROR_FILE"u8,
        Status.Memory => "HC_ERROR_MEMORY"u8,
        Status.Cancelled => "HC_ERROR_CANCELLED"u8,
        Status.Library => "HC_ERROR_LIBRARY"u8,
        Status.Internal => "HC_ERROR_INTERNAL"u8,
        _ => "an unknown status"u8,
    };
}
