namespace HybridConv.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>A check was made and did not hold.</summary>
    public const int CheckFailed = 1;

    /// <summary>The command line, an environment variable or a file named on it cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>The model is damaged or not supported.</summary>
    public const int Model = 3;

    /// <summary>The target does not exist, or the device failed.</summary>
    public const int Device = 4;
}
