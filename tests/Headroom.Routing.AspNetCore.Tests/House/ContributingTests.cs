using System.Text.RegularExpressions;

namespace Headroom.Routing.AspNetCore.Tests.House;

/// <summary>The newcomer's list: a question that leads to a file which is gone is worse than no answer.</summary>
[TestClass]
public sealed partial class ContributingTests
{
    [TestMethod]
    public void Every_answer_is_a_file_of_its_own()
    {
        var root = Repository.Root;
        var answers = Answer().Matches(File.ReadAllText(Path.Combine(root, "CONTRIBUTING.md"))).Select(match => match.Groups["file"].Value).ToArray();

        Assert.IsGreaterThanOrEqualTo(15, answers.Length);
        CollectionAssert.AllItemsAreUnique(answers);
        Assert.AreEqual("", string.Join(", ", answers.Where(file => !File.Exists(Path.Combine(root, file)))));
    }

    [GeneratedRegex(@"^\| .*\? \| \[`[^`]+`\]\((?<file>[^)]+)\)", RegexOptions.Multiline)]
    private static partial Regex Answer();
}
