using System.Reflection;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>Runs a test with the one block of the README and its pages that holds a marker, so that a block without a test can be told.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReadmeBlockAttribute(string marker) : Attribute, ITestDataSource
{
    /// <summary>The language that stands after the opening fence.</summary>
    public string Language { get; init; } = "csharp";

    public bool IsFor(CodeBlock block) => block.Language == Language && block.Text.Contains(marker, StringComparison.Ordinal);

    public IEnumerable<object?[]> GetData(MethodInfo methodInfo) => [[MarkdownPage.Docs.SelectMany(page => page.Blocks).Single(IsFor).Text]];

    public string? GetDisplayName(MethodInfo methodInfo, object?[]? data) => methodInfo.Name;

    public override string ToString() => $"[ReadmeBlock(\"{marker}\")]";
}
