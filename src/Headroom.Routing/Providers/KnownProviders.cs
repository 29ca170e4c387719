using Headroom.Routing.Providers;

namespace Headroom.Routing;

/// <summary>The providers whose routes are built in.</summary>
public static class KnownProviders
{
    /// <summary>All of them. On a path that several share and no credential decides, the first has it.</summary>
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
}
