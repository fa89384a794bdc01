using System.Collections.Concurrent;

namespace HybridConv.Capi;

/// <summary>
/// The handles that C callers hold. They are numbers of this table and never addresses, and no number is given out twice: a null, closed or made-up handle is told from
/// an open one. State of the process, because a handle is all that the caller brings along.
/// </summary>
internal static class Handles
{
    /// <summary>Handles are multiples of this with a mark added, which no aligned address has.</summary>
    private const int Spacing = 16, Mark = 9;

    private static readonly ConcurrentDictionary<nint, Resource> Open = new();
    private static long given;

    public static nint Add(Resource resource)
    {
        nint handle = checked((nint)(Interlocked.Increment(ref given) * Spacing + Mark));
        Open[handle] = resource;
        return handle;
    }

    /// <summary>Uses what a handle stands for, beside others.</summary>
    /// <exception cref="CallException">There is no such open handle.</exception>
    public static Lease<T> Share<T>(nint handle) where T : Resource
    {
        T resource = Find<T>(handle);
        return resource.TryEnter() ? new Lease<T>(resource) : throw NotOpen(handle);
    }

    /// <summary>Uses what a handle stands for, alone.</summary>
    /// <exception cref="CallException">There is no such open handle, or another thread uses it.</exception>
    public static Lease<T> Take<T>(nint handle) where T : Resource
    {
        T resource = Find<T>(handle);
        return resource.TryEnterAlone() ? new Lease<T>(resource) : throw InUse(resource, handle);
    }

    /// <summary>What a handle stands for, without the right to use it.</summary>
    /// <exception cref="CallException">There is no such open handle.</exception>
    public static T Find<T>(nint handle) where T : Resource
    {
        if (!Open.TryGetValue(handle, out Resource? resource))
            throw NotOpen(handle);
        return resource as T ?? throw new CallException(Status.Handle, $"the handle is that of {resource.Kind}, which is not what this call takes");
    }

    /// <exception cref="CallException">There is no such open handle, or a call is using it.</exception>
    public static void Close<T>(nint handle) where T : Resource
    {
        T resource = Find<T>(handle);
        if (!resource.TryClose())
            throw InUse(resource, handle);
        Open.TryRemove(handle, out _);
        resource.Free();
    }

    private static CallException NotOpen(nint handle) => new(Status.Handle, handle == 0 ? "the handle is null" : "the handle is not open: it has been closed, or never was one");

    private static CallException InUse(Resource resource, nint handle) =>
        resource.IsClosed ? NotOpen(handle) : new CallException(Status.Busy, $"another thread is using {resource.Kind} in another call");
}
