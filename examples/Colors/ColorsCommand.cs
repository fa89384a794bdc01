using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;

namespace Colors;

/// <summary>The program without a process: arguments in, exit code out.</summary>
internal static class ColorsCommand
{
    public const int Ok = 0, CheckFailed = 1, Usage = 2;

    private const int SceneSide = 512;

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var photo = new Argument<FileInfo?>("PHOTO")
        {
            Description = "A PNG, JPEG, BMP, GIF, TGA or PSD file; without one, a drawn landscape.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var folder = new Option<DirectoryInfo>("--out")
        {
            Description = "Where pictures are written.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "colors")),
        };
        var command = new RootCommand("Puts a photograph through 1x1 convolutions written as matrices, and checks what comes out.") { photo, folder };
        command.SetAction(parse =>
        {
            FileInfo? file = parse.GetValue(photo);
            Picture picture = file is null ? Landscape.Draw() : Picture.Load(file.FullName);
            output.WriteLine($"{file?.Name ?? "a drawn landscape"}, {picture.Width} x {picture.Height} pixels");
            Page[] pages = [YCbCr.Show(picture), DecorrelationStretch.Show(picture), SpectralUnmixing.Show(Island.Draw(SceneSide, SceneSide))];
            return Report(pages, parse.GetValue(folder)!, output);
        });

        ParseResult result = command.Parse(arguments);
        try
        {
            int exitCode = result.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
            return result.Action is ParseErrorAction ? Usage : exitCode;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"Colors: {e.Message}");
            return Usage;
        }
    }

    /// <summary>Prints what the pages say, and writes their pictures.</summary>
    /// <returns>The exit code: whether every check holds.</returns>
    public static int Report(IReadOnlyList<Page> pages, DirectoryInfo folder, TextWriter output)
    {
        folder.Create();
        int width = pages.Max(page => page.Checks.Max(check => check.What.Length));
        foreach (Page page in pages)
        {
            output.WriteLine();
            output.WriteLine(page.Title);
            foreach (string remark in page.Remarks)
                output.WriteLine($"  {remark}");
            foreach (Check check in page.Checks)
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  {check.What.PadRight(width)}  {check.Found,8:G3}  at most {check.AtMost,-6:G3} {(check.Holds ? "ok" : "FAILED")}"));
            foreach ((string name, Picture picture) in page.Pictures)
            {
                string file = Path.Combine(folder.ToString(), $"{name}.png");
                picture.Save(file);
                output.WriteLine($"  wrote {file}");
            }
        }
        return pages.All(page => page.Checks.All(check => check.Holds)) ? Ok : CheckFailed;
    }
}
