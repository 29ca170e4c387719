using System.Text.Json;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>Code between two fences.</summary>
/// <param name="Page">The page that it is on.</param>
/// <param name="Line">The line of the opening fence.</param>
/// <param name="Language">The language that stands there.</param>
/// <param name="Text">The code, each line with its end.</param>
internal sealed record CodeBlock(MarkdownPage Page, int Line, string Language, string Text)
{
    /// <summary>Whether it holds settings of a gateway, which say by themselves how they are tried.</summary>
    public bool IsSettings => Language == "json" && JsonDocument.Parse(Text).RootElement.TryGetProperty("Headroom", out _);

    public override string ToString() => $"{Page.Path}:{Line}";
}
