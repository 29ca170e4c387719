namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Marks an endpoint of this library that forwards nothing, but lets web pages call it by the same rules as those that do.</summary>
internal sealed class BrowserRulesMetadata
{
    internal static readonly BrowserRulesMetadata Instance = new();
}
