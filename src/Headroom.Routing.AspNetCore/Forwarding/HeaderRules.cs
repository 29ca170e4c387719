using System.Collections.Frozen;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>Which headers are not forwarded: the ones that the options strip, control headers, those of this hop alone, and those that <c>Connection</c> names.</summary>
internal sealed class HeaderRules
{
    internal static readonly string[] DefaultRequestHeaders =
    [
        "Cookie", "Forwarded", "X-Forwarded-*", "X-Real-IP",
        // What a front door tells the gateway about the person must not reach the caller's upstream.
        "Cf-Access-Jwt-Assertion", "X-Goog-IAP-JWT-Assertion", "X-Amzn-Oidc-*", "X-MS-CLIENT-PRINCIPAL*", "X-MS-TOKEN-*", "X-Auth-Request-*",
    ];

    // In a browser, these would apply to the gateway's own origin.
    internal static readonly string[] DefaultResponseHeaders =
        ["Set-Cookie", "Strict-Transport-Security", "Clear-Site-Data", "Alt-Svc"];

    private readonly FrozenSet<string> _names;
    private readonly string[] _prefixes;
    private readonly HeaderNameFilter _filter;

    private HeaderRules(IEnumerable<string> patterns)
    {
        var prefixes = patterns.Where(pattern => pattern.EndsWith('*')).ToArray();
        _names = patterns.Except(prefixes).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _prefixes = [.. prefixes.Select(prefix => prefix[..^1])];
        _filter = new HeaderNameFilter(_names, _prefixes);
    }

    /// <param name="configured">What replaces the defaults, if anything.</param>
    /// <param name="also">What is stripped in addition.</param>
    internal static HeaderRules ForRequests(IEnumerable<string>? configured, IEnumerable<string> also) =>
        new([.. Read(configured ?? DefaultRequestHeaders), .. Read(also), .. UnforwardedHeaders.OfMetadata, .. UnforwardedHeaders.OfOneHop, "Host", HeadroomHeaders.Prefix + "*"]);

    /// <inheritdoc cref="ForRequests"/>
    internal static HeaderRules ForResponses(IEnumerable<string>? configured, IEnumerable<string> also) =>
        // An upstream must not be able to make its answer look like the proxy's.
        new([.. Read(configured ?? DefaultResponseHeaders), .. Read(also), .. UnforwardedHeaders.OfOneHop, HeadroomHeaders.Error, HeadroomHeaders.UpstreamUsed]);

    // The validator accepted all of them; this removes the spaces around them.
    private static IEnumerable<string> Read(IEnumerable<string> patterns) =>
        patterns.Select(text => HeaderPattern.TryParse(text, out var pattern) ? pattern : text);

    /// <summary>What a <c>Connection</c> header names is for this hop (RFC 9110, section 7.6.1). An upgrade is passed on by the forwarder.</summary>
    internal static IEnumerable<string> NamedByConnection(string connection) =>
        connection is "" or "keep-alive" or "close" or "Upgrade"
            ? []
            : connection.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(option => !option.Equals(HeaderNames.Upgrade, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The names of a request's headers that are not forwarded to a target. The host is not among them, because the upstream's takes its place, nor is
    /// <c>TE</c> where it asks for trailers.
    /// </summary>
    internal IReadOnlyList<string> DroppedOf(HttpRequest request, UpstreamTarget target)
    {
        var headers = request.Headers;
        var named = NamedByConnection(headers.Connection.ToString()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. headers.Keys.Where(name => (Drops(name) || named.Contains(name) || target.Key?.Replaces(name) == true) && !IsKept(name))];

        bool IsKept(string name) =>
            name.Equals(HeaderNames.Host, StringComparison.OrdinalIgnoreCase)
            || (name.Equals(HeaderNames.TE, StringComparison.OrdinalIgnoreCase) && RequestHead.AcceptsTrailers(request));
    }

    internal bool Drops(string name)
    {
        if (!_filter.MayContain(name))
        {
            return false;
        }

        if (_names.Contains(name))
        {
            return true;
        }

        foreach (var prefix in _prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
