using Headroom.Routing.Providers;

namespace Headroom.Routing;

/// <summary>The providers whose routes are built in.</summary>
public static class KnownProviders
{
    /// <summary>All built-in providers. On a path that several of them share, the first one wins if no credential decides.</summary>
    public static IReadOnlyList<Provider> All { get; } =
    [
        OpenAI.Provider,
        Anthropic.Provider,
        Gemini.Provider,
        Vertex.Provider,
        CloudCode.Provider,
        AzureOpenAI.Provider,
        Bedrock.Provider,
        ChatGpt.Provider,
    ];

    /// <summary>The built-in providers, then others in the order in which they were added.</summary>
    internal static IReadOnlyList<Provider> With(IEnumerable<Provider> added) => [.. All, .. added];
}
