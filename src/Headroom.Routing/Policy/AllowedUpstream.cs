using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.Policy;

/// <summary>An entry of the allow-list: an origin, literal or with a wildcard host, and the path below which it opens it.</summary>
[DebuggerDisplay("{_scheme}://{_host}:{_port}{Path}")]
internal sealed class AllowedUpstream
{
    private readonly string _scheme;
    private readonly string _host;
    private readonly int? _port;

    private AllowedUpstream(string key, string? text, string scheme, string host, bool isWildcard, int? port, string path)
    {
        Key = key;
        Text = text;
        _scheme = scheme;
        _host = host;
        _port = port;
        IsWildcard = isWildcard;
        Path = path;
    }

    /// <summary>The configuration key that holds the entry.</summary>
    internal string Key { get; }

    /// <summary>The entry as the operator wrote it; <see langword="null"/> if it stands for another setting.</summary>
    internal string? Text { get; }

    /// <summary>Whether the host is a pattern: any host, or any subdomain of one.</summary>
    internal bool IsWildcard { get; }

    /// <summary>The path at or below which a request may go; empty for all.</summary>
    internal string Path { get; }

    /// <summary>An entry that opens an upstream of the operator's own, below a path.</summary>
    internal static AllowedUpstream For(string key, UpstreamOverride upstream, string path) => new(key, null, upstream.Scheme, upstream.Host, false, upstream.Port, path);

    /// <summary>Parses <c>[scheme://]host[:port][/path]</c>; the scheme is https if absent, the port the scheme's own, <c>*</c> any.</summary>
    internal static bool TryParse(string key, string? text, [NotNullWhen(true)] out AllowedUpstream? entry, [NotNullWhen(false)] out string? error)
    {
        entry = null;
        error = null;
        var value = text.AsSpan().Trim();
        var schemeEnd = value.IndexOf("://");
        var scheme = schemeEnd < 0 ? Uri.UriSchemeHttps : value[..schemeEnd].ToString();
        var rest = schemeEnd < 0 ? value : value[(schemeEnd + 3)..];

        var pathStart = rest.IndexOf('/');
        var authority = pathStart < 0 ? rest : rest[..pathStart];
        var path = pathStart < 0 ? [] : rest[pathStart..];

        var anyPort = authority.EndsWith(":*");
        authority = anyPort ? authority[..^2] : authority;

        var anyHost = authority is "*" || authority.StartsWith("*:");
        var subdomains = authority.StartsWith("*.");
        // The wildcard stands for a label, so that one parser judges hosts, ports and paths of upstreams and entries alike.
        var literal = anyHost ? $"any{authority[1..]}" : subdomains ? authority[2..] : authority;
        if (!UpstreamOverride.TryParse($"{scheme}://{literal}{path}", out var upstream, out var refusal))
        {
            error = refusal.Message;
            return false;
        }

        if (upstream.Host.Contains('*', StringComparison.Ordinal))
        {
            error = "A '*' stands for the whole host or, in front, for a subdomain: https://*, https://*.example.com.";
            return false;
        }

        if (subdomains && (upstream.Address is not null || RefusedNames.IsRefused($"any.{upstream.Host}")))
        {
            error = "No name below it is public, and wildcards reach public addresses only; list the hosts themselves.";
            return false;
        }

        var host = anyHost ? "" : subdomains ? $".{upstream.Host}" : upstream.Host;
        entry = new AllowedUpstream(key, value.ToString(), upstream.Scheme, host, anyHost || subdomains, anyPort ? null : upstream.Port, upstream.Path);
        return true;
    }

    internal bool CoversOrigin(UpstreamOverride upstream) =>
        upstream.Scheme == _scheme
        && (_port is null || upstream.Port == _port)
        && (!IsWildcard ? upstream.Host == _host
            : _host.Length == 0 || (upstream.Address is null && upstream.Host.EndsWith(_host, StringComparison.Ordinal)));
}
