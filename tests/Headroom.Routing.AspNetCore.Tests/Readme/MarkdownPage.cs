using System.Text;
using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Tests.House;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>A page of the documentation, as far as it can be checked: its code, links, headings and tables.</summary>
internal sealed partial class MarkdownPage
{
    // As in .gitignore.
    private static readonly string[] NotOurs = ["bin", "obj", "artifacts", "TestResults", "node_modules", "BenchmarkDotNet.Artifacts"];

    private readonly List<CodeBlock> _blocks = [];
    private readonly HashSet<string> _anchors = [];
    private readonly Dictionary<string, List<string[]>> _rows = [];
    private readonly StringBuilder _text = new();

    private MarkdownPage(string file)
    {
        File = file;
        Path = System.IO.Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
        Read(System.IO.File.ReadAllLines(file));
    }

    /// <summary>All pages of the repository.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } = [.. Files(Repository.Root, "*.md").Select(file => new MarkdownPage(file))];

    /// <summary>The README and the pages that it leads to.</summary>
    public static IReadOnlyList<MarkdownPage> Docs { get; } =
        [.. All.Where(page => page.Path == "README.md" || page.Path.StartsWith("docs/", StringComparison.Ordinal))];

    /// <summary>The page's file.</summary>
    public string File { get; }

    /// <summary>The path in the repository, with slashes.</summary>
    public string Path { get; }

    public IReadOnlyList<CodeBlock> Blocks => _blocks;

    /// <summary>What can stand after the <c>#</c> of a link to the page.</summary>
    public IReadOnlySet<string> Anchors => _anchors;

    /// <summary>The page without its code.</summary>
    public string Text => _text.ToString();

    /// <summary>Where its links and pictures lead.</summary>
    public IEnumerable<string> Links => Link().Matches(CodeSpan().Replace(Text, "")).Select(match => match.Groups["target"].Value.Split(' ')[0]);

    public static MarkdownPage Of(string path) => All.Single(page => page.Path == path);

    /// <summary>The files of the repository that are its own.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
    [
        .. Directory.EnumerateFiles(folder, pattern),
        .. Directory.EnumerateDirectories(folder)
            .Where(child => System.IO.Path.GetFileName(child) is var name && !NotOurs.Contains(name) && (name is ".github" || name[0] != '.'))
            .SelectMany(child => Files(child, pattern)),
    ];

    /// <summary>The cells of the tables below a heading, without their heads.</summary>
    public IReadOnlyList<string[]> Rows(string heading) => _rows[heading];

    /// <summary>What stands in code within a text.</summary>
    public static string[] CodeIn(string text) => [.. CodeSpan().Matches(text).Select(match => match.Groups[1].Value)];

    public override string ToString() => Path;

    private void Read(string[] lines)
    {
        var heading = "";
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                var end = Array.FindIndex(lines, i + 1, line => line.TrimStart().StartsWith("```", StringComparison.Ordinal));
                Assert.IsGreaterThan(i, end, $"{Path}:{i + 1}: the code does not end.");
                _blocks.Add(new(this, i + 1, lines[i].Trim()[3..], string.Concat(lines[(i + 1)..end].Select(line => line + "\n"))));
                i = end;
                continue;
            }

            _text.Append(lines[i]).Append('\n');
            if (Heading().Match(lines[i]) is { Success: true } title)
            {
                heading = title.Groups[1].Value;
                AddAnchor(heading);
            }
            else if (lines[i].StartsWith('|') && !IsRule(i) && !IsRule(i + 1))
            {
                if (!_rows.TryGetValue(heading, out var rows))
                {
                    _rows[heading] = rows = [];
                }

                rows.Add([.. lines[i][1..].TrimEnd('|').Split('|').Select(cell => cell.Trim())]);
            }
        }

        // Below the head of a table.
        bool IsRule(int line) => line < lines.Length && lines[line].StartsWith("|--", StringComparison.Ordinal);
    }

    // As GitHub makes them.
    private void AddAnchor(string heading)
    {
        var slug = NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');
        for (var (anchor, count) = (slug, 0); !_anchors.Add(anchor); anchor = $"{slug}-{++count}")
        {
        }
    }

    [GeneratedRegex("^#{1,6} (.+?) *$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("""\]\((?<target>[^)\s]+)\)|\b(src|srcset|href)="(?<target>[^"]+)"|^\[[^\]]+\]: *(?<target>\S+)|(?<![("])\b(?<target>https?://[^\s)>"]*[^\s)>".,;:])""", RegexOptions.Multiline)]
    private static partial Regex Link();
}
