using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HybridConv.Capi;

/// <summary>Reports as the caller gets them: JSON text that the caller frees.</summary>
internal static unsafe class Json
{
    public static void Write<T>(byte** json, T report, JsonTypeInfo<T> type)
    {
        if (json is null)
            throw CallException.NullPointer("json");
        *json = Text8.Allocate(JsonSerializer.Serialize(report, type));
    }
}
