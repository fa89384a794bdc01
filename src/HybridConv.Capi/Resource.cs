namespace HybridConv.Capi;

/// <summary>
/// What a handle stands for. Calls that use it count themselves in and out, so that closing it in one thread while another uses it is refused instead of pulling memory from under it.
/// </summary>
internal abstract class Resource
{
    private const int Closed = -1;

    private int users;

    /// <summary>As messages name it: "a model".</summary>
    public abstract string Kind { get; }

    /// <summary>Counts a user in; false when it is closed.</summary>
    public bool TryEnter()
    {
        for (int seen = Volatile.Read(ref users); seen != Closed;)
        {
            int before = Interlocked.CompareExchange(ref users, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }
        return false;
    }

    /// <summary>Counts its only user in; false when there is one already, or it is closed.</summary>
    public bool TryEnterAlone() => Interlocked.CompareExchange(ref users, 1, 0) == 0;

    public void Leave() => Interlocked.Decrement(ref users);

    /// <summary>Closes it to all users; false when there is one.</summary>
    public bool TryClose() => Interlocked.CompareExchange(ref users, Closed, 0) == 0;

    public bool IsClosed => Volatile.Read(ref users) == Closed;

    /// <summary>Frees what it holds; nobody uses it any more.</summary>
    public abstract void Free();
}

/// <summary>The right to use what a handle stands for, until it is given back.</summary>
internal readonly struct Lease<T>(T resource) : IDisposable where T : Resource
{
    public T Resource => resource;

    public void Dispose() => resource.Leave();
}
