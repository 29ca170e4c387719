using System.Text.RegularExpressions;
using System.Xml.Linq;
using Headroom.Routing.AspNetCore.Tests.House;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>Where the pages of the repository lead. What is elsewhere is not called, only read.</summary>
[TestClass]
public sealed partial class LinkTests
{
    private static readonly string Home = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("RepositoryUrl").Single().Value;

    [TestMethod]
    public void Every_link_leads_somewhere()
    {
        Assert.IsGreaterThan(15, MarkdownPage.All.Count);
        var broken =
            from page in MarkdownPage.All
            from link in page.Links
            where !Leads(page, link)
            select $"{page}: {link}";

        Assert.AreEqual("", string.Join(Environment.NewLine, broken.Distinct()));
    }

    [TestMethod]
    public void Every_page_is_in_the_table_of_contents()
    {
        var contents = MarkdownPage.Of("README.md").Links.ToHashSet();

        Assert.AreEqual("", string.Join(", ", MarkdownPage.Docs.Select(page => page.Path).Where(path => path != "README.md" && !contents.Contains(path))));
    }

    [TestMethod]
    public void Code_and_scripts_name_pages_and_pictures_that_exist()
    {
        var missing =
            from pattern in (string[])["*.cs", "*.sh", "*.mjs", "*.csproj", "*.yml"]
            from file in MarkdownPage.Files(Repository.Root, pattern)
            from Match named in InDocs().Matches(File.ReadAllText(file))
            where !File.Exists(Path.Combine(Repository.Root, named.Value))
            select $"{file}: {named.Value}";

        Assert.AreEqual("", string.Join(Environment.NewLine, missing));
    }

    private static bool Leads(MarkdownPage page, string link)
    {
        if (link.StartsWith(Home, StringComparison.Ordinal) && OnMain().Match(link[Home.Length..]) is { Success: true } ours)
        {
            return LeadsTo(Path.Combine(Repository.Root, ours.Groups["path"].Value), ours.Groups["anchor"].Value);
        }

        if (link.Contains("://", StringComparison.Ordinal))
        {
            return Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && Uri.IsWellFormedUriString(link, UriKind.Absolute);
        }

        var parts = link.Split('#', 2);
        return LeadsTo(
            parts[0].Length == 0 ? page.File : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page.File)!, Uri.UnescapeDataString(parts[0]))),
            parts.Length == 1 ? "" : parts[1]);
    }

    private static bool LeadsTo(string file, string anchor) => anchor.Length == 0
        ? File.Exists(file) || Directory.Exists(file)
        : MarkdownPage.All.FirstOrDefault(page => page.File == file)?.Anchors.Contains(anchor) == true;

    [GeneratedRegex("^/(blob|tree)/main/(?<path>[^#]+)(#(?<anchor>.+))?$")]
    private static partial Regex OnMain();

    [GeneratedRegex(@"(?<![\w./-])docs/[\w-]+\.(md|json|png|svg)\b")]
    private static partial Regex InDocs();
}
