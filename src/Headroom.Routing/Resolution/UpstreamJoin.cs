using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>
/// Makes the URL that is requested by joining the request's path to the upstream's base URL. Clients disagree on whether a base URL holds the API's
/// version, so both may have one; the rules keep one of them. Their order is the contract: the first rule that fits decides.
/// </summary>
internal static class UpstreamJoin
{
    private static readonly Refusal NotAtUpstream = Refusal.Invalid("The path can't be put onto the upstream's URL without leaving it.");

    private static readonly Refusal BadOriginalPath = Refusal.Invalid(
        $"The {HeadroomHeaders.OriginalPath} header must hold one path, without dot segments or query, that starts with one slash and ends as the requested path does after its version.");

    // Bytes that were percent-encoded stay so: providers sign their paths, and '%2F' is not '/'.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Joins a request's path to the upstream that was chosen for it.</summary>
    /// <param name="request">The request, less the mount that its path may start with.</param>
    /// <param name="mount">The mount.</param>
    /// <param name="chosen">The upstream.</param>
    /// <param name="route">The provider's route that the path is one of, if any.</param>
    /// <param name="rule">How they were joined.</param>
    /// <param name="uri">The URL.</param>
    /// <returns>Why there is none; <see langword="null"/> if there is one.</returns>
    internal static Refusal? Apply(in UpstreamRequest request, Mount mount, ChosenUpstream chosen, CompiledRoute? route, out JoinRule rule, out Uri? uri)
    {
        var upstream = chosen.Upstream;
        var query = chosen.Key is null ? request.Query : CallerCredentials.WithoutKeys(request.Query);
        if (mount == Mount.Verbatim)
        {
            rule = JoinRule.Verbatim;
            return Make(upstream, new Parts(upstream.Verbatim, request.Path), query, out uri);
        }

        if (mount == Mount.None && chosen.Choice != UpstreamChoice.Configured && request.Headers.HasOriginalPath)
        {
            uri = null;
            rule = JoinRule.OriginalPath;
            var original = request.Headers.OriginalPath;
            return original.Count == 1 && IsOriginalOf(original.ToString(), request.Path)
                ? Make(upstream, new Parts(upstream.Origin, original.ToString()), query, out uri)
                : BadOriginalPath;
        }

        var path = route is null ? request.Path : route.Shape(request.Path);
        return Make(upstream, ByRules(upstream, path, chosen.Choice == UpstreamChoice.Named, IsAnthropic(path, request.Headers), out rule), query, out uri);
    }

    /// <summary>Puts the path of a subscription login's request onto ChatGPT's base URL.</summary>
    /// <inheritdoc cref="Apply"/>
    internal static Refusal? ApplyLogin(in UpstreamRequest request, Mount mount, ChosenUpstream chosen, out JoinRule rule, out Uri? uri)
    {
        rule = JoinRule.Login;
        var path = PathSegments.SkipExtraSlashes(request.Path);
        var (prefix, replaced) = ChatGpt.PathFor(path, versionless: mount != Mount.None);
        return Make(chosen.Upstream, new Parts(chosen.Upstream.Verbatim + prefix, replaced == 0 ? request.Path : path[replaced..]), request.Query, out uri);
    }

    private static Parts ByRules(UpstreamOverride upstream, ReadOnlySpan<char> path, bool named, bool anthropic, out JoinRule rule)
    {
        var basePath = upstream.Path;
        var judged = PathSegments.SkipExtraSlashes(path);

        // 1: the client repeats the base's whole path.
        if (basePath.Length > 0 && PathSegments.IsAtOrBelow(judged, basePath))
        {
            rule = JoinRule.RepeatedPath;
            return new Parts(upstream.Origin, judged);
        }

        // 2: a bare host, or a base that ends in the version which the path brings. A named upstream's path is kept as the operator wrote it.
        if (!named && (basePath.Length == 0 || upstream.NormalizedPath.Length != basePath.Length))
        {
            rule = JoinRule.Normalized;
            return new Parts(upstream.Normalized, path);
        }

        // 3: the base's last segment and the path's first are the same version.
        var last = basePath.AsSpan(basePath.LastIndexOf('/') + 1);
        if (ApiVersion.IsVersion(last) && judged.StartsWith('/') && PathSegments.IsAtOrBelow(judged[1..], last))
        {
            rule = JoinRule.SameVersion;
            return new Parts(upstream.Verbatim, judged[(last.Length + 1)..]);
        }

        // 4: the base holds a version of its own, which stands for the '/v1' that an OpenAI client puts in front.
        if (!anthropic && judged.StartsWith("/v1/") && ApiVersion.IsIn(basePath))
        {
            rule = JoinRule.OwnVersion;
            return new Parts(upstream.Verbatim, judged["/v1".Length..]);
        }

        // 5: otherwise one after the other.
        rule = JoinRule.Appended;
        return new Parts(upstream.Verbatim, path);
    }

    // Anthropic's clients bring their own '/v1' to any base.
    private static bool IsAnthropic(ReadOnlySpan<char> path, in RequestHeaders headers) =>
        headers.HasAnthropicVersion || PathSegments.IsAtOrBelow(path, "/v1/messages") || path is "/v1/complete";

    // The original proxy's plugin: the override holds the origin, this header the path that the client meant there.
    private static bool IsOriginalOf(ReadOnlySpan<char> original, ReadOnlySpan<char> path) =>
        original.StartsWith('/')
        && !original.StartsWith("//")
        && PathRules.Check(original) is null
        && original.EndsWith(ApiVersion.Skip(PathSegments.SkipExtraSlashes(path)));

    // Writes the URL, then parses it and compares its origin and path with those of the upstream.
    private static Refusal? Make(UpstreamOverride upstream, Parts parts, ReadOnlySpan<char> query, out Uri? uri)
    {
        var path = parts.Path.IsEmpty && parts.Base.Length == upstream.Origin.Length ? "/" : parts.Path;
        return Uri.TryCreate(string.Concat(parts.Base, path, query), AsWritten, out uri)
            && uri.Scheme == upstream.Scheme
            && uri.Host == upstream.Host
            && uri.Port == upstream.Port
            && uri.UserInfo.Length == 0
            && uri.AbsolutePath.AsSpan().StartsWith(parts.Base.AsSpan(upstream.Origin.Length))
            ? null
            : NotAtUpstream;
    }

    /// <summary>The base, as far as it is kept, and the path that follows it; empty, or starting with a slash.</summary>
    private readonly ref struct Parts(string kept, ReadOnlySpan<char> path)
    {
        internal string Base { get; } = kept;

        internal ReadOnlySpan<char> Path { get; } = path;
    }
}
