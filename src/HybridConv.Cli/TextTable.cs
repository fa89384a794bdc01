using Spectre.Console;

namespace HybridConv.Cli;

/// <summary>A table for people: drawn with lines on a terminal, aligned with spaces elsewhere.</summary>
/// <param name="columns">Headings; one that begins with <c>&gt;</c> is aligned to the right, without the sign.</param>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException($"{cells.Length} cells in a table of {columns.Length} columns.");
        rows.Add(cells);
    }

    public void WritePlain(TextWriter writer)
    {
        int[] widths = [.. columns.Select((_, i) => rows.Select(row => row[i].Length).Append(Heading(i).Length).Max())];
        WriteLine(columns.Select((_, i) => Heading(i)));
        foreach (string[] row in rows)
            WriteLine(row);

        void WriteLine(IEnumerable<string> cells) =>
            writer.WriteLine(string.Join("  ", cells.Select((cell, i) => IsRight(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
    }

    public Table ToSpectre()
    {
        var table = new Table { Border = TableBorder.Rounded };
        for (int i = 0; i < columns.Length; i++)
            table.AddColumn(new TableColumn(new Markup(Markup.Escape(Heading(i)), new Style(decoration: Decoration.Bold))) { Alignment = IsRight(i) ? Justify.Right : Justify.Left });
        foreach (string[] row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        return table;
    }

    private bool IsRight(int column) => columns[column].StartsWith('>');

    private string Heading(int column) => IsRight(column) ? columns[column][1..] : columns[column];
}
