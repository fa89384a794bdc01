using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using HybridConv.Capi;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Capi;

/// <summary>What hybridconv.h declares is what the exports are compiled with: structs field by field, and the numbers of enumerations.</summary>
public partial class HeaderTests
{
    private static readonly string Header = Comment().Replace(Repository.Read("native/include/hybridconv.h"), "");

    public static TheoryData<string, Type> Structs => new()
    {
        { "hc_library_info", typeof(LibraryInfo) },
        { "hc_model_options", typeof(ModelSettings) },
        { "hc_dimension", typeof(DimensionSetting) },
        { "hc_shape", typeof(ShapeSetting) },
        { "hc_session_options", typeof(SessionSettings) },
        { "hc_session_info", typeof(SessionInfo) },
        { "hc_tensor", typeof(TensorView) },
        { "hc_picture", typeof(PictureView) },
        { "hc_picture_options", typeof(PictureSettings) },
    };

    [Theory]
    [MemberData(nameof(Structs))]
    public void Structs_have_the_headers_fields_at_the_headers_offsets(string name, Type type)
    {
        Match found = Regex.Match(Header, $@"typedef struct {name} \{{([^}}]*)\}} {name};");
        Assert.True(found.Success, $"the header has no {name}");
        int offset = 0, widest = 1;
        var fields = new List<string>();
        foreach (Match field in Field().Matches(found.Groups[1].Value))
        {
            string declared = field.Groups[1].Value, plain = field.Groups[2].Value;
            int size = declared.Contains('*') || declared.Contains("size_t") || declared.Contains("int64_t") ? 8 : 4;
            int count = field.Groups[3].Success ? int.Parse(field.Groups[3].Value, CultureInfo.InvariantCulture) : 1;
            offset = (offset + size - 1) / size * size;
            widest = Math.Max(widest, size);
            string managed = string.Concat(plain.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            Assert.Equal((plain, offset), (plain, (int)Marshal.OffsetOf(type, managed)));
            fields.Add(managed);
            offset += size * count;
        }
        Assert.Equal((offset + widest - 1) / widest * widest, Marshal.SizeOf(type));
        Assert.Equal(type.GetFields().Select(field => field.Name).Order(), fields.Order());
    }

    [Fact]
    public void All_structs_of_the_header_are_compared() => Assert.Equal(
        StructName().Matches(Header).Select(match => match.Groups[1].Value).Order(), Structs.Select(row => row.Data.Item1).Order());

    [Fact]
    public void Statuses_have_the_numbers_of_errors()
    {
        var declared = Member("hc_status").ToDictionary(pair => pair.Name, pair => pair.Value);
        var expected = Enum.GetValues<ErrorCode>().Select(code => ($"{code}", (int)code)).Concat(Enum.GetValues<Status>().Where(status => status != Status.Ok).Select(status => ($"{status}", (int)status)))
            .ToDictionary(pair => "HC_ERROR_" + SnakeCase(pair.Item1), pair => pair.Item2);
        expected["HC_OK"] = 0;
        Assert.Equal(expected.OrderBy(pair => pair.Value), declared.OrderBy(pair => pair.Value));
        Assert.All(declared, pair => Assert.Equal(pair.Key, System.Text.Encoding.UTF8.GetString(StatusName.Of((Status)pair.Value))));
    }

    [Fact]
    public void Choices_have_the_numbers_of_the_library()
    {
        Assert.Equal(Enum.GetValues<ElementType>().Where(type => type is not (ElementType.None or ElementType.String)).Select(type => ($"HC_{type}".ToUpperInvariant(), (int)type)), Member("hc_type").OrderBy(m => m.Value));
        Assert.Equal([("HC_FAST", (int)Precision.Fast), ("HC_REPRODUCIBLE", (int)Precision.Reproducible)], Member("hc_precision"));
        Assert.Equal([("HC_AS_DECLARED", (int)ImageLayout.AsDeclared), ("HC_CHANNELS_LAST", (int)ImageLayout.ChannelsLast)], Member("hc_layout"));
        Assert.Equal([("HC_VERIFY_OFF", (int)Verify.Off), ("HC_VERIFY_SAMPLED", (int)Verify.Sampled), ("HC_VERIFY_FULL", (int)Verify.Full)], Member("hc_verify_mode"));
        Assert.Equal([("HC_MISMATCH_FAIL", (int)OnMismatch.Throw), ("HC_MISMATCH_WARN", (int)OnMismatch.Warn), ("HC_MISMATCH_FALL_BACK", (int)OnMismatch.FallBack)], Member("hc_on_mismatch"));
        Assert.Equal([("HC_FIT_CENTRE", (int)Tools.Data.Fit.Centre), ("HC_FIT_STRETCH", (int)Tools.Data.Fit.Stretch), ("HC_FIT_LETTERBOX", (int)Tools.Data.Fit.Letterbox)], Member("hc_fit"));
    }

    private static IEnumerable<(string Name, int Value)> Member(string name)
    {
        Match found = Regex.Match(Header, $@"typedef enum {name} \{{([^}}]*)\}} {name};");
        Assert.True(found.Success, $"the header has no {name}");
        return Regex.Matches(found.Groups[1].Value, @"(HC_\w+) = (\d+)").Select(match => (match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));
    }

    private static string SnakeCase(string name) => Regex.Replace(name, "(?<=[a-z])(?=[A-Z])", "_").ToUpperInvariant();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"([a-z][\w ]*?[\w*](?: \**(?:const \*)?| ))(\w+)(?:\[(\d+)\])?;")]
    private static partial Regex Field();

    [GeneratedRegex(@"typedef struct (hc_\w+) \{")]
    private static partial Regex StructName();
}
