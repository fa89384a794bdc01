using HybridConv.Planning;

namespace HybridConv.Verification;

/// <summary>What a session that verifies its runs does with what they find: tells, throws, or goes on elsewhere. Shared by the session's runs. Thread-safe.</summary>
internal sealed class SessionVerification : IDisposable
{
    private readonly Session session;
    private readonly SessionOptions options;
    private readonly Lazy<Session> other;
    private volatile bool hasFallenBack;

    public SessionVerification(Session session, SessionOptions options)
    {
        this.session = session;
        this.options = options;
        // Its weights are its own: those of this session may be what is damaged.
        other = new Lazy<Session>(() => new Session(session.Model, options with { Target = Against, Verify = Verify.Off }, new WeightStore()));
        if (IsFull)
            _ = Other;
    }

    /// <summary>The target that full verification compares with, and that the session may fall back to.</summary>
    public string Against => options.VerifyOptions.Against ?? (session.OwnTarget.StartsWith("cpu", StringComparison.Ordinal) ? "cpu:reference" : "cpu");

    public bool IsFull => options.Verify == Verify.Full;

    /// <summary>The session on that target.</summary>
    public Session Other => other.Value;

    /// <summary>Whether a mismatch has moved the session to the other target.</summary>
    public bool HasFallenBack => hasFallenBack;

    /// <summary>How far apart the two sessions' results may be. The definition in double precision rounds less than any float target does.</summary>
    public RunTolerance Tolerance =>
        options.Precision == Precision.Reproducible && Other.Target != "cpu:reference" && session.Target != "cpu:reference" ? RunTolerance.None : RunTolerance.Network;

    /// <summary>Tells everybody about mismatches, and does what was asked for.</summary>
    /// <returns>Whether the run is to be done again on the other target.</returns>
    /// <exception cref="MismatchException">That was asked for.</exception>
    public bool Report(IReadOnlyList<Mismatch> mismatches)
    {
        foreach (Mismatch mismatch in mismatches)
        {
            session.Telemetry.Mismatched(mismatch);
            session.Raise(mismatch);
        }
        switch (options.VerifyOptions.OnMismatch)
        {
            case OnMismatch.Throw:
                throw new MismatchException(mismatches);
            case OnMismatch.FallBack:
                session.Telemetry.FellBack(Other.Target);
                return hasFallenBack = true;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        if (other.IsValueCreated)
            other.Value.Dispose();
    }
}
