using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing;

/// <summary>A path of a provider's API.</summary>
[DebuggerDisplay("{Template}")]
public sealed class ProviderRoute
{
    /// <summary>Creates a route.</summary>
    /// <param name="template">The path; see <see cref="Template"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="template"/> is null.</exception>
    public ProviderRoute([StringSyntax("Route")] string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        Template = template;
    }

    /// <summary>
    /// The path in the syntax of route patterns: literals, <c>{name}</c> for (a part of) a segment, <c>{**name}</c> for all that follows, if anything.
    /// A parameter called <c>version</c> fits API versions alone (<c>v1</c>, <c>v1beta1</c>). Matched on decoded segments, without regard to case.
    /// A template that is not well-formed stops the app's start.
    /// </summary>
    [StringSyntax("Route")]
    public string Template { get; }

    /// <summary>Whether other providers serve the same path, so that the request's credentials decide. If they do not, the provider that was registered first wins.</summary>
    public bool Shared { get; init; }

    /// <summary>The methods that the route is for; empty for all.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>The values that the template's <c>{action}</c> may have; empty for all.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>A header that the request must have.</summary>
    public ProviderCredential? When { get; init; }

    /// <summary>A header that the request must not have.</summary>
    public ProviderCredential? Unless { get; init; }

    /// <summary>
    /// Whether the request must name its upstream or carry an API key: a provider's key header, or a bearer token that is not a JWT. Set this where the
    /// template fits more than the provider's own paths. A mistyped path then does not send a token of the company's own systems to the provider.
    /// </summary>
    public bool RequiresKey { get; init; }

    /// <summary>What is put in front of the path before it is joined to the base, such as <c>/v1</c>; empty, or starting with a slash and not ending in one.</summary>
    public string Prepend { get; init; } = "";

    /// <summary>Whether the path's first segment is cut before it is joined to the base.</summary>
    public bool DropFirstSegment { get; init; }
}
