using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.Resolution;

/// <summary>Makes the URL that is requested, looks at it once more as a whole, and asks the policy about it.</summary>
internal static class TargetBuilder
{
    // Bytes that were percent-encoded stay so: providers sign their paths, and '%2F' is not '/'.
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="candidate">The upstream and what the policy says of it.</param>
    /// <param name="provider">Whose API the request speaks.</param>
    /// <param name="keptBase">The upstream's origin and the part of its path that is kept.</param>
    /// <param name="path">What follows; empty, or starting with a slash.</param>
    /// <param name="query">The query with its question mark, or empty.</param>
    /// <param name="result">The target.</param>
    /// <param name="refusal">Why it may not be requested.</param>
    internal static bool TryBuild(
        ChosenUpstream candidate,
        Provider? provider,
        string keptBase,
        ReadOnlySpan<char> path,
        ReadOnlySpan<char> query,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        result = null;
        var upstream = candidate.Upstream;
        if (path.IsEmpty && keptBase.Length == upstream.Origin.Length)
        {
            path = "/";
        }

        var url = string.Concat(keptBase, path, query);
        if (!Uri.TryCreate(url, Verbatim, out var uri) || !IsAt(uri, upstream, keptBase))
        {
            refusal = NotAtUpstream;
            return false;
        }

        var pathEnd = url.Length - query.Length;
        if (!candidate.Grant.Allows(url.AsSpan(upstream.Origin.Length, pathEnd - upstream.Origin.Length), out var trust, out refusal))
        {
            refusal = refusal.About(upstream.Origin);
            return false;
        }

        result = new UpstreamTarget(uri, upstream, provider, candidate.Choice, trust);
        return true;
    }

    private static bool IsAt(Uri uri, UpstreamOverride upstream, string keptBase) =>
        uri.Scheme == upstream.Scheme
        && uri.Host == upstream.Host
        && uri.Port == upstream.Port
        && uri.UserInfo.Length == 0
        && uri.AbsolutePath.AsSpan().StartsWith(keptBase.AsSpan(upstream.Origin.Length));

    private static readonly Refusal NotAtUpstream = Refusal.Invalid("The path can't be put onto the upstream's URL without leaving it.");
}
