using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.OpenCL;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests;

/// <summary>The house rules that a program can check.</summary>
public partial class ArchitectureTests
{
    private static readonly Assembly Core = typeof(ElementType).Assembly;
    private static readonly IReadOnlyList<SourceFile> Sources = SourceFile.Below("src");
    private static readonly IReadOnlyList<SourceFile> Code = [.. Sources, .. SourceFile.Below("tests"), .. SourceFile.Below("bench"), .. SourceFile.Below("examples")];

    private static void None(IEnumerable<string> violations, string rule)
    {
        string[] all = [.. violations];
        Assert.True(all.Length == 0, $"{rule}:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }

    /// <summary>What somebody wrote: types whose namespace stands in a source file, and that no generator made.</summary>
    private static IEnumerable<Type> OwnTypes
    {
        get
        {
            HashSet<string?> namespaces = [.. Sources.Select(f => f.Namespace)];
            return new[] { Core, typeof(OpenClFamily).Assembly }.SelectMany(assembly => assembly.GetTypes()).Where(t => t.Namespace is not null && namespaces.Contains(t.Namespace) && !t.Name.Contains('<') && !t.IsDefined(typeof(CompilerGeneratedAttribute)));
        }
    }

    [Fact]
    public void The_source_is_found() => Assert.True(Sources.Count > 30);

    [Fact]
    public void Namespaces_are_folders() => None(
        from file in Code
        where file.Namespace is not null
        let expected = string.Join('.', file.Folder.Split('/')[1..])
        where file.Namespace != expected
        select $"{file.Path}: namespace {file.Namespace}, not {expected}",
        "A file's namespace is its folder");

    [Fact]
    public void One_operator_is_in_one_folder_and_in_the_table()
    {
        Type[] types = [.. Core.GetTypes().Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract)];
        None(types.Where(t => !OpTable.Ops.Any(op => Definition(op.GetType()) == t || op.GetType().BaseType is { } b && Definition(b) == t)).Select(t => t.Name), "Every operator has a line in OpTable");
        None(
            from type in types
            let declaration = new Regex($@"\bclass {type.Name.Split('`')[0]}\b")
            let folders = Sources.Where(f => declaration.IsMatch(f.Code)).Select(f => f.Folder).Distinct().ToArray()
            where folders.Length != 1 || !folders[0].StartsWith("src/HybridConv/Ops/", StringComparison.Ordinal)
            select $"{type.Name}: {string.Join(", ", folders)}",
            "An operator has one folder below Ops");
        None(OpTable.Ops.GroupBy(op => op.Name).Where(g => g.Count() > 1).Select(g => g.Key), "An operator is listed once");
    }

    [Fact]
    public void Rows_are_named_by_the_grammar()
    {
        None(OpTable.Ops.SelectMany(RowNames<CpuInfo>).Where(name => !CpuRowName().IsMatch(name)), "A row is named <op>.<algorithm>[.<variant>].<dtype>.<isa>[.<tile>]");
        None(OpTable.Ops.SelectMany(RowNames<ClDevice>).Where(name => !DeviceRowName().IsMatch(name)), "A row is named <op>.<algorithm>[.<variant>].<dtype>.<profile>[.<tile>]");
    }

    [Fact]
    public void Rows_of_one_table_have_different_names() => None(
        from op in OpTable.Ops
        from names in new[] { RowNames<CpuInfo>(op), RowNames<ClDevice>(op) }
        from twice in names.GroupBy(name => name).Where(g => g.Count() > 1)
        select $"{op.Name}: {twice.Key}",
        "A row's name is unique in its table");

    [Fact]
    public void The_reference_comes_last() => None(
        from op in OpTable.Ops
        let names = RowNames<ClDevice>(op).ToArray()
        where names.SkipLast(1).Any(name => name.EndsWith(".reference", StringComparison.Ordinal))
        select $"{op.Name}: {string.Join(", ", names)}",
        "A table's reference row is its last one");

    [Fact]
    public void Opsets_ascend() => None(
        OpTable.Ops.Where(op => op.Opsets.Zip(op.Opsets.Skip(1)).Any(pair => pair.First >= pair.Second)).Select(op => op.Name),
        "An operator lists its opset versions in ascending order");

    [Fact]
    public void Only_Knobs_reads_the_environment() => None(
        from file in Sources
        where file.Path != "src/HybridConv/Knobs.cs" && EnvironmentRead().IsMatch(file.Code)
        select file.Path,
        "Nothing reads the environment outside Knobs.cs");

    [Fact]
    public void Unsafe_code_is_only_in_kernels_and_the_model_reader() => None(
        from file in Sources
        where !MayBeUnsafe(file.Path) && UnsafeWord().IsMatch(file.Code)
        select file.Path,
        "Unsafe code is only under Cpu/, in Ops/**/*.Cpu.*, in the OpenCL project, in the C interface and in the ONNX reader");

    [Fact]
    public void The_meaning_of_an_operator_never_knows_a_device() => None(
        from file in Sources
        where PortableFolder().IsMatch(file.Path) && !DeviceSuffix().IsMatch(file.Name)
        let mention = DeviceWord().Match(file.Code.Replace("HybridConv.Cpu.Simd", "", StringComparison.Ordinal))
        where mention.Success
        select $"{file.Path}: {mention.Value}",
        "Only files with a device suffix mention a device (the vector layer's arithmetic is no device)");

    [Fact]
    public void Only_the_OpenCL_project_knows_its_binding() => None(
        from file in Sources
        where !file.Path.StartsWith("src/HybridConv.OpenCL/", StringComparison.Ordinal) && file.Code.Contains("Silk", StringComparison.Ordinal)
        select file.Path,
        "Silk.NET is used in HybridConv.OpenCL only");

    [Fact]
    public void Lines_of_kernels_fit_a_screen() => None(
        from path in Repository.Files()
        where KernelExtension().IsMatch(path)
        from line in Repository.Read(path).Split('\n').Index()
        where line.Item.Length > 160
        select $"{path}({line.Index + 1}): {line.Item.Length} columns",
        "A line of a kernel has at most 160 columns");

    [Fact]
    public void Files_are_under_500_lines() => None(
        from path in Repository.Files()
        where SourceExtension().IsMatch(path)
        let lines = Repository.Read(path).AsSpan().Count('\n')
        where lines >= 500
        select $"{path}: {lines} lines",
        "A file is under 500 lines, split by meaning");

    [Fact]
    public void Files_are_not_split_by_part_number() => None(
        from path in Repository.Files()
        where PartNumber().IsMatch(path)
        select path,
        "A file is split by meaning and never by part number");

    [Fact]
    public void Nothing_is_left_to_do() => None(
        from file in Code
        where file.Name != "ArchitectureTests.cs" && Unfinished().IsMatch(file.Text)
        select $"{file.Path}: {Unfinished().Match(file.Text).Value}",
        "There is no unfinished code");

    [Fact]
    public void Names_say_what_a_type_is() => None(
        from name in OwnTypes.Select(t => t.Name.Split('`')[0]).Concat(Code.Select(f => f.Name))
        where VagueWord().IsMatch(name)
        select name,
        "No type and no file is a Manager, Helper, Util, Base or Impl");

    [Fact]
    public void Public_types_live_in_the_root_namespace() => None(
        Core.GetExportedTypes().Where(t => t.Namespace != "HybridConv").Select(t => t.FullName!),
        "The public API is in namespace HybridConv only");

    [Fact]
    public void There_is_no_global_mutable_state() => None(
        from type in OwnTypes
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where !field.IsInitOnly && !field.IsLiteral && !field.IsDefined(typeof(CompilerGeneratedAttribute)) && !field.Name.StartsWith('<')
        select $"{type.FullName}.{field.Name}",
        "A static field is read-only");

    [Fact]
    public void The_core_needs_at_most_four_packages()
    {
        var project = XDocument.Parse(Repository.Read("src/HybridConv/HybridConv.csproj"));
        string[] packages = [.. project.Descendants("PackageReference").Select(p => (string)p.Attribute("Include")!)];
        Assert.Subset(
            new HashSet<string> { "Google.Protobuf", "Grpc.Tools", "Microsoft.Extensions.Logging.Abstractions", "System.Numerics.Tensors" },
            packages.ToHashSet());
    }

    [Fact]
    public void The_core_refers_to_no_other_project() =>
        Assert.DoesNotContain("ProjectReference", Repository.Read("src/HybridConv/HybridConv.csproj"), StringComparison.Ordinal);

    /// <summary>Its packages take hundreds of megabytes, which nobody is to fetch who has not asked for them.</summary>
    [Fact]
    public void Torch_is_in_one_project_that_no_other_project_and_no_solution_knows()
    {
        string project = Assert.Single(Repository.Files(), f => f.EndsWith(".csproj", StringComparison.Ordinal) && TorchPackage().IsMatch(Repository.Read(f)));
        string name = Path.GetFileName(project);
        None(Repository.Files().Where(f => SolutionExtension().IsMatch(f) && Repository.Read(f).Contains(name, StringComparison.Ordinal)), $"Nothing refers to {name}");
    }

    [Fact]
    public void No_file_names_a_place_on_one_machine() => None(
        from path in Repository.Files()
        where TextExtension().IsMatch(path) && !path.EndsWith("/ArchitectureTests.cs", StringComparison.Ordinal)
        let found = MachinePlace().Match(Repository.Read(path))
        where found.Success
        select $"{path}: {found.Value}",
        "No file holds a path of one machine or the address of a package registry");

    private static IEnumerable<string> RowNames<TMachine>(Op op)
    {
        foreach (Type table in op.GetType().GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITable<,>) && i.GenericTypeArguments[1] == typeof(TMachine)))
            foreach (object row in (System.Collections.IEnumerable)table.GetProperty(nameof(ITable<,>.Rows))!.GetValue(op)!)
                yield return (string)row.GetType().GetProperty("Name")!.GetValue(row)!;
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static bool MayBeUnsafe(string path) =>
        path.StartsWith("src/HybridConv/Cpu/", StringComparison.Ordinal) ||
        path.StartsWith("src/HybridConv/Onnx/", StringComparison.Ordinal) ||
        path.StartsWith("src/HybridConv.OpenCL/", StringComparison.Ordinal) ||
        path.StartsWith("src/HybridConv.Capi/", StringComparison.Ordinal) ||
        (path.StartsWith("src/HybridConv/Ops/", StringComparison.Ordinal) && path.Contains(".Cpu.", StringComparison.Ordinal));

    [GeneratedRegex(@"^[a-z0-9]+(\.[a-z0-9]+){1,3}\.(f32|i64|i32|u8|bool|any)\.(v512|v256|v128|scalar)(\.[0-9]+x[0-9]+)?$")]
    private static partial Regex CpuRowName();

    [GeneratedRegex(@"^[a-z0-9]+(\.[a-z0-9]+){1,3}\.(f32|i64|i32|u8|bool|any)\.(cpu|local|register|reference|portable)(\.[0-9]+x[0-9]+)?$")]
    private static partial Regex DeviceRowName();

    [GeneratedRegex(@"\b(GetEnvironmentVariables?|ExpandEnvironmentVariables|AppContext\s*\.\s*(TryGetSwitch|GetData))\b")]
    private static partial Regex EnvironmentRead();

    [GeneratedRegex(@"\bunsafe\b|\bUnsafe\.(Add|AddByteOffset|As|AsPointer|AsRef|CopyBlock|CopyBlockUnaligned|InitBlock|Read|ReadUnaligned|Subtract|Write|WriteUnaligned)\b|\bMemoryMarshal\.(GetReference|GetArrayDataReference|CreateSpan|CreateReadOnlySpan)\b")]
    private static partial Regex UnsafeWord();

    [GeneratedRegex(@"^src/HybridConv/(Ops|Graphs|Passes)/")]
    private static partial Regex PortableFolder();

    [GeneratedRegex(@"\.(Cpu|OpenCL)\.")]
    private static partial Regex DeviceSuffix();

    [GeneratedRegex(@"\b(I?Cpu\w*|OpenC[lL]\w*|C[lL][A-Z]\w*)\b")]
    private static partial Regex DeviceWord();

    [GeneratedRegex(@"(\.(cs|sh|cl|clh|c|h|proto|props|targets|csproj|yml)|(^|/)CMakeLists\.txt|^\.ci/run)$")]
    private static partial Regex SourceExtension();

    [GeneratedRegex(@"\.clh?$")]
    private static partial Regex KernelExtension();

    [GeneratedRegex(@"(?i)(part|\.)[0-9]+\.cs$")]
    private static partial Regex PartNumber();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(Manager|Helper|Util|Utils|Utility|Utilities|Impl)s?(?![a-z])|Base(?=\.|$)")]
    private static partial Regex VagueWord();

    [GeneratedRegex(@"PackageReference Include=""(?i:(lib)?torch)")]
    private static partial Regex TorchPackage();

    [GeneratedRegex(@"\.(sln|csproj|props|targets|yml)$")]
    private static partial Regex SolutionExtension();

    [GeneratedRegex(@"(\.(cs|sh|cl|clh|c|h|proto|props|targets|csproj|sln|yml|md|json|config|txt)|^\.ci/run)$")]
    private static partial Regex TextExtension();

    [GeneratedRegex(@"(?<![\w.~/-])(/work|/home|/root|/Users|/mnt)/\w+|\b[A-Z]:\\Users|https?://[^\s""']*(/index\.json|nuget\.org/api|pypi\.org|registry\.)")]
    private static partial Regex MachinePlace();
}
