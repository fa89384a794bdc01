using System.Globalization;

namespace HybridConv.Tools;

/// <summary>Numbers as reports hold them.</summary>
internal static class Numbers
{
    /// <summary>JSON has no infinities and no NaN.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>Four decimals: a tenth of a microsecond, where the unit is a millisecond.</summary>
    public static double Round(double value) => Math.Round(value, 4);

    /// <summary>A cell of a table; empty where there is no number.</summary>
    public static string Text(IFormattable? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
