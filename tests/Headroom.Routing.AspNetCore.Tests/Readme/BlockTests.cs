using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Tests.House;
using Tomlyn;
using Tomlyn.Model;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>No block of a page goes untried: <see cref="ReadmeTests"/> has those of the README and the documentation, the consumer test those of the packages.</summary>
[TestClass]
public sealed partial class BlockTests
{
    private static readonly string[] Languages = ["bash", "csharp", "json", "toml"];

    [TestMethod]
    public void Every_block_is_run_by_a_test()
    {
        var tests = typeof(ReadmeTests).GetMethods()
            .Where(method => method.IsDefined(typeof(TestMethodAttribute)))
            .SelectMany(method => method.GetCustomAttributes<ReadmeBlockAttribute>())
            .ToList();
        var blocks = MarkdownPage.Docs.SelectMany(page => page.Blocks).Where(block => block.Language != "bash").ToList();

        foreach (var block in blocks)
        {
            var count = tests.Count(test => test.IsFor(block));
            Assert.IsTrue(count == 1 || (count == 0 && block.IsSettings), $"{block}: {count} tests");
        }

        foreach (var test in tests)
        {
            Assert.HasCount(1, blocks.Where(test.IsFor), test.ToString());
        }
    }

    [TestMethod]
    public void Every_block_has_a_language_and_can_be_read()
    {
        foreach (var block in MarkdownPage.All.SelectMany(page => page.Blocks))
        {
            Assert.Contains(block.Language, Languages, block.ToString());
            switch (block.Language)
            {
                case "json":
                    JsonDocument.Parse(block.Text).Dispose();
                    break;
                case "toml":
                    Assert.IsNotEmpty(TomlSerializer.Deserialize<TomlTable>(block.Text)!);
                    break;
            }
        }
    }

    // The packages' own pages stand alone, so they are tried outside of the repository.
    [TestMethod]
    public void Every_block_of_a_package_is_taken_by_the_consumer_test()
    {
        var taken = ConsumerBlock().Matches(File.ReadAllText(Path.Combine(Repository.Root, "tests", "consumer", "run.sh"))).Select(match => match.Groups[1].Value);
        var shown =
            from page in MarkdownPage.All
            where page.Path.StartsWith("src/", StringComparison.Ordinal)
            from language in page.Blocks.Where(block => block.Language != "bash").GroupBy(block => block.Language)
            from number in Enumerable.Range(1, language.Count())
            select $"{page.Path.Split('/')[1].ToLowerInvariant()} {language.Key} {number}";

        CollectionAssert.AreEquivalent(shown.ToArray(), taken.ToArray());
    }

    [GeneratedRegex(@"^block ([\w.]+ \w+ \d+) ", RegexOptions.Multiline)]
    private static partial Regex ConsumerBlock();
}
