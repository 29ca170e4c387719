using System.Reflection;
using System.Text.RegularExpressions;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>Runs a test with the one block of the README that holds a marker, so that a block without a test can be told.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed partial class ReadmeBlockAttribute(string marker) : Attribute, ITestDataSource
{
    private static readonly ILookup<string, string> BlocksByLanguage = Fence()
        .Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md")))
        .ToLookup(match => match.Groups[1].Value, match => match.Groups[2].Value);

    /// <summary>The language that stands after the opening fence.</summary>
    public string Language { get; init; } = "csharp";

    public static IReadOnlyList<string> Blocks(string language) => [.. BlocksByLanguage[language]];

    public bool IsIn(string block) => block.Contains(marker, StringComparison.Ordinal);

    public IEnumerable<object?[]> GetData(MethodInfo methodInfo) => [[Blocks(Language).Single(IsIn)]];

    public string? GetDisplayName(MethodInfo methodInfo, object?[]? data) => methodInfo.Name;

    public override string ToString() => $"[ReadmeBlock(\"{marker}\")]";

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
