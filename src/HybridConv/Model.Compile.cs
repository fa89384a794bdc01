using HybridConv.Planning;

namespace HybridConv;

public sealed partial class Model
{
    /// <summary>The packed weights of this model, shared by all its sessions.</summary>
    internal WeightStore Weights { get; } = new();

    /// <summary>
    /// Plans the model for a target. The session is safe to share between threads. It reads weights from the model whenever it makes a plan: keep the model as long.
    /// </summary>
    /// <param name="options">Target, threads, limits; null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The target cannot run some node.</exception>
    /// <exception cref="ShapeException">Shapes contradict each other.</exception>
    /// <exception cref="ResourceLimitException">A limit would be exceeded.</exception>
    /// <exception cref="DeviceException">There is no such target.</exception>
    public Session Compile(SessionOptions? options = null) => new(this, options ?? new SessionOptions());
}
