using System.Diagnostics;
using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing;

/// <summary>A path of a provider's API.</summary>
/// <param name="Template">
/// The path in the syntax of route patterns: literals, <c>{name}</c> for (a part of) a segment, <c>{**name}</c> for all that follows, if anything.
/// A parameter called <c>version</c> fits API versions alone (<c>v1</c>, <c>v1beta1</c>). Matched on decoded segments, without regard to case.
/// </param>
[DebuggerDisplay("{Template}")]
public sealed record ProviderRoute(string Template)
{
    /// <summary>Whether other providers serve the same path, so that the request's credentials decide first. Without deciding ones, the provider that was registered first has it.</summary>
    public bool Shared { get; init; }

    /// <summary>The only methods that count; empty: all.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>The only values that the template's <c>{action}</c> may have; empty: all.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>A header that the request must bear.</summary>
    public ProviderCredential? When { get; init; }

    /// <summary>A header that the request must not bear.</summary>
    public ProviderCredential? Unless { get; init; }

    /// <summary>What is put in front of the path before it is joined to the base, such as <c>/v1</c>.</summary>
    public string Prepend { get; init; } = "";

    /// <summary>Whether the path's first segment is cut before it is joined to the base.</summary>
    public bool DropFirstSegment { get; init; }

    /// <summary>The path that is joined to the base, of one that fits the template.</summary>
    internal ReadOnlySpan<char> Shape(ReadOnlySpan<char> path)
    {
        if (DropFirstSegment)
        {
            path = RouteTemplate.SkipExtraSlashes(path);
            _ = PathSegments.Take(ref path);
            return path;
        }

        return Prepend.Length > 0 ? string.Concat(Prepend, RouteTemplate.SkipExtraSlashes(path)) : path;
    }
}
