using Microsoft.AspNetCore.Routing.Patterns;

namespace Headroom.Routing.Testing;

/// <summary>Fills a route pattern, so that the endpoint behind it can be called.</summary>
internal static class RouteSample
{
    // Values for which the providers' own routes match.
    private static readonly Dictionary<string, string> Plausible = new(StringComparer.OrdinalIgnoreCase)
    {
        ["version"] = "v1",
        ["location"] = "us-central1",
        ["action"] = "generateContent",
        ["name"] = "openrouter",
    };

    internal static string Path(RoutePattern pattern, Func<string, string?> valueOf) =>
        "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => valueOf(parameter.Name) ?? SampleOf(parameter),
            _ => "",
        }))));

    private static string SampleOf(RoutePatternParameterPart parameter) =>
        Plausible.GetValueOrDefault(parameter.Name)
        ?? (parameter.IsCatchAll ? "sweep/x" : parameter.ParameterPolicies.Count > 0 ? "1" : "sweep");
}
