using System.Text;

namespace Headroom.Routing.Tests.Shared;

/// <summary>
/// A table of test vectors. Cells are kept to the byte: leading and trailing blanks and empty cells are part of what the rows test,
/// so nothing is trimmed and a line that lost a cell is an error rather than a shorter row.
/// </summary>
internal sealed class CaseFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private CaseFile(string name, string[] columns, IReadOnlyList<IReadOnlyDictionary<string, string>> rows)
    {
        Name = name;
        Columns = columns;
        Rows = rows;
    }

    public string Name { get; }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>One dictionary a row, from column name to cell.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Rows { get; }

    /// <summary>Reads <c>cases/<paramref name="name"/></c> of the output folder.</summary>
    public static CaseFile Read(string name) =>
        Parse(name, Utf8.GetString(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "cases", name))));

    public static CaseFile Parse(string name, string text)
    {
        var lines = text.Split('\n');
        if (lines[^1].Length != 0)
        {
            throw new FormatException($"{name}: the last line has no line end.");
        }

        var columns = lines[0].Split('\t');
        var rows = new List<IReadOnlyDictionary<string, string>>(lines.Length);
        for (var line = 1; line < lines.Length - 1; line++)
        {
            var cells = lines[line].Split('\t');
            if (cells.Length != columns.Length || lines[line].EndsWith('\r'))
            {
                throw new FormatException($"{name}:{line + 1}: {cells.Length} cells where the head has {columns.Length}, or a carriage return.");
            }

            rows.Add(columns.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));
        }

        return new CaseFile(name, columns, rows);
    }

    public CaseFile Where(Func<IReadOnlyDictionary<string, string>, bool> predicate)
    {
        var kept = new CaseFile(Name, [.. Columns], [.. Rows.Where(predicate)]);

        // A data-driven test without data passes: a filter that fits nothing must not look like success.
        return kept.Rows.Count > 0 ? kept : throw new InvalidOperationException($"{Name}: no row is left.");
    }

    /// <summary>The rows as arguments of a <c>[DynamicData]</c> test, one parameter for each named column.</summary>
    public IEnumerable<object[]> Select(params string[] columns) =>
        [.. Rows.Select(row => columns.Select(column => (object)row[column]).ToArray())];

    /// <summary>Splits a <c>headers</c> cell: <c>name: value; name: value</c>.</summary>
    public static IReadOnlyList<(string Name, string Value)> Headers(string cell) =>
    [
        .. cell.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(field =>
        {
            var colon = field.IndexOf(": ", StringComparison.Ordinal);
            return colon > 0 ? (field[..colon], field[(colon + 2)..]) : throw new FormatException($"Not a header: '{field}'.");
        }),
    ];
}
