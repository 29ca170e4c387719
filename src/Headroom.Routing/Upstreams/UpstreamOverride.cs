using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Headroom.Routing.Upstreams;

/// <summary>
/// The base URL of an upstream, checked and taken apart: what <c>X-Headroom-Upstream</c> holds, and by the same rules an operator's own bases.
/// Only parsing makes one, so whatever holds one holds a usable http(s) origin and a path that stays below it.
/// </summary>
/// <remarks>The host is the one that would be dialled: in its ASCII form (RFC 5891), lower case, numbers canonical, without a trailing dot.</remarks>
[DebuggerDisplay("{ToString()}")]
public sealed class UpstreamOverride : IEquatable<UpstreamOverride>, ISpanParsable<UpstreamOverride>
{
    /// <summary>The longest value that is read, in characters.</summary>
    public const int MaxLength = 2048;

    private UpstreamOverride(string scheme, string host, int port, IPAddress? address, string path)
    {
        Scheme = scheme;
        Host = host;
        Port = port;
        Address = address;
        Path = path;
        NormalizedPath = DropTrailingVersion(path);
        Origin = FormOrigin(scheme, host, port);
        Verbatim = Origin + Path;
        Normalized = NormalizedPath.Length == Path.Length ? Verbatim : Origin + NormalizedPath;
    }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>The host to dial: an ASCII name, an IPv4 address, or an IPv6 address in brackets.</summary>
    public string Host { get; }

    /// <summary>The port to dial, 1 to 65535.</summary>
    public int Port { get; }

    /// <summary>Scheme, host and, where it is not the scheme's default, port (RFC 6454).</summary>
    public string Origin { get; }

    /// <summary>The path as written, without trailing slashes; empty, or starting with a slash.</summary>
    public string Path { get; }

    /// <summary><see cref="Path"/> without one trailing <c>/v1</c> or <c>/v1beta</c>.</summary>
    public string NormalizedPath { get; }

    /// <summary>The host as an address, where it is one.</summary>
    internal IPAddress? Address { get; }

    /// <summary>Origin and path as written.</summary>
    internal string Verbatim { get; }

    /// <summary>Origin and normalised path.</summary>
    internal string Normalized { get; }

    /// <summary>Parses a base URL, or says which rule it breaks.</summary>
    /// <param name="value">An absolute http(s) URL without user info, query or fragment, at most <see cref="MaxLength"/> characters.</param>
    /// <param name="result">The upstream, if the value is one.</param>
    /// <param name="refusal">What is wrong with the value, if it is not. The text never repeats it.</param>
    public static bool TryParse(
        ReadOnlySpan<char> value,
        [NotNullWhen(true)] out UpstreamOverride? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = Split(value, out var parts) ?? PathRules.Check(parts.Path);
        result = refusal is null ? Create(parts, out refusal) : null;
        return result is not null;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out UpstreamOverride?, out Refusal?)"/>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out UpstreamOverride? result) =>
        TryParse(value.AsSpan(), out result, out _);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out UpstreamOverride?, out Refusal?)"/>
    /// <exception cref="FormatException">The value is not the base URL of an upstream; the message says why.</exception>
    public static UpstreamOverride Parse(ReadOnlySpan<char> value) =>
        TryParse(value, out var result, out var refusal) ? result : throw new FormatException(refusal.Message);

    static UpstreamOverride IParsable<UpstreamOverride>.Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s);
    }

    static bool IParsable<UpstreamOverride>.TryParse(string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out UpstreamOverride result) =>
        TryParse(s.AsSpan(), out result, out _);

    static UpstreamOverride ISpanParsable<UpstreamOverride>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<UpstreamOverride>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, [MaybeNullWhen(false)] out UpstreamOverride result) =>
        TryParse(s, out result, out _);

    /// <summary>The normalised URL: origin and path without one trailing <c>/v1</c> or <c>/v1beta</c>.</summary>
    public override string ToString() => Normalized;

    /// <summary>Equal as written: two overrides that differ in a trailing <c>/v1</c> join differently.</summary>
    public bool Equals(UpstreamOverride? other) => other is not null && Verbatim == other.Verbatim;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UpstreamOverride);

    /// <inheritdoc/>
    public override int GetHashCode() => Verbatim.GetHashCode(StringComparison.Ordinal);

    internal static bool IsDefaultPort(string scheme, int port) => port == (scheme == Uri.UriSchemeHttps ? 443 : 80);

    private static string FormOrigin(string scheme, string host, int port) =>
        IsDefaultPort(scheme, port) ? $"{scheme}://{host}" : string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{port}");

    private static string DropTrailingVersion(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash >= 0 && path.AsSpan(slash + 1) is "v1" or "v1beta" ? path[..slash].TrimEnd('/') : path;
    }

    // Uri forgives what must be refused here (port 0, empty ports, inner white space, back slashes), so it is only asked about the host.
    private static Refusal? Split(ReadOnlySpan<char> value, out Parts parts)
    {
        parts = default;
        if (value.Length > MaxLength)
        {
            return Faults.TooLong;
        }

        value = value.Trim();
        if (value.IsEmpty)
        {
            return Faults.Empty;
        }

        foreach (var c in value)
        {
            if (c == '\\' || char.IsWhiteSpace(c) || char.IsControl(c))
            {
                return Faults.Character;
            }
        }

        if (value.Contains(','))
        {
            return Faults.Comma;
        }

        var colon = value.IndexOf("://");
        if (colon <= 0)
        {
            return Faults.NotAbsolute;
        }

        var scheme = value[..colon];
        if (scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase))
        {
            parts.Scheme = Uri.UriSchemeHttps;
        }
        else if (scheme.Equals(Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase))
        {
            parts.Scheme = Uri.UriSchemeHttp;
        }
        else
        {
            return Faults.NotHttp;
        }

        var rest = value[(colon + 3)..];
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        parts.Path = end < 0 ? [] : rest[end..];
        if (authority.Contains('@'))
        {
            return Faults.UserInfo;
        }

        if (parts.Path.Contains('#'))
        {
            return Faults.Fragment;
        }

        if (parts.Path.Contains('?'))
        {
            return Faults.Query;
        }

        parts.Path = parts.Path.TrimEnd('/');
        return SplitPort(authority, ref parts);
    }

    private static Refusal? SplitPort(ReadOnlySpan<char> authority, ref Parts parts)
    {
        // The colons of an IPv6 address are within its brackets (RFC 3986, section 3.2.2).
        var bracket = authority.LastIndexOf(']');
        if (bracket < 0 && authority.StartsWith('['))
        {
            return Faults.Host;
        }

        var colon = authority[(bracket + 1)..].IndexOf(':');
        colon = colon < 0 ? authority.Length : colon + bracket + 1;
        parts.Host = authority[..colon];
        if (parts.Host.IsEmpty)
        {
            return Faults.NoHost;
        }

        // A zone id has no place in a URL of another machine's; and Uri overlooks what follows a bracket.
        if (parts.Host.Contains('%') || parts.Host.StartsWith('[') != (bracket >= 0) || (bracket >= 0 && bracket != colon - 1))
        {
            return Faults.Host;
        }

        if (colon == authority.Length)
        {
            parts.Port = parts.Scheme == Uri.UriSchemeHttps ? 443 : 80;
            return null;
        }

        return ushort.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? SetPort(ref parts, port)
            : Faults.Port;

        static Refusal? SetPort(ref Parts parts, int port)
        {
            parts.Port = port;
            return null;
        }
    }

    private static UpstreamOverride? Create(Parts parts, out Refusal? refusal)
    {
        refusal = null;
        if (TryGetHost(parts.Host, out var host, out var address))
        {
            return new UpstreamOverride(parts.Scheme, host, parts.Port, address, parts.Path.ToString());
        }

        refusal = Faults.Host;
        return null;
    }

    // The form that is dialled, until it no longer changes: what is judged is then what is dialled, whatever the first spelling hid
    // (Unicode digits, soft hyphens, hexadecimal numbers, a trailing dot).
    private static bool TryGetHost(ReadOnlySpan<char> written, [NotNullWhen(true)] out string? host, out IPAddress? address)
    {
        address = null;
        host = Canonical(written.EndsWith('.') ? written[..^1] : written);
        if (host is null || host.EndsWith('.') || Canonical(host) != host)
        {
            host = null;
            return false;
        }

        _ = IPAddress.TryParse(host, out address);
        return true;
    }

    private static string? Canonical(ReadOnlySpan<char> host)
    {
        try
        {
            if (!Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var uri))
            {
                return null;
            }

            return uri.HostNameType switch
            {
                UriHostNameType.Dns => uri.IdnHost.ToLowerInvariant(),
                UriHostNameType.IPv4 or UriHostNameType.IPv6 => uri.Host,
                _ => null,
            };
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            // A name that has no ASCII form.
            return null;
        }
    }

    private ref struct Parts
    {
        public string Scheme;
        public ReadOnlySpan<char> Host;
        public int Port;
        public ReadOnlySpan<char> Path;
    }

    private static class Faults
    {
        public static readonly Refusal TooLong = Refusal.Invalid($"The upstream is longer than {MaxLength} characters.");
        public static readonly Refusal Empty = Refusal.Invalid("The upstream is empty; give an absolute URL such as https://api.deepseek.com/v1.");
        public static readonly Refusal Character = Refusal.Invalid("The upstream holds white space, a control character or a backslash.");
        public static readonly Refusal Comma = Refusal.Invalid("The upstream holds a comma; name exactly one upstream.");
        public static readonly Refusal NotAbsolute = Refusal.Invalid("The upstream is not an absolute URL; write it in full, such as https://api.deepseek.com/v1.");
        public static readonly Refusal NotHttp = Refusal.Invalid("The upstream's scheme is not http or https; WebSockets too go to an http(s) upstream.");
        public static readonly Refusal UserInfo = Refusal.Invalid("The upstream holds user info before an '@'; send credentials in their own header.");
        public static readonly Refusal Query = Refusal.Invalid("The upstream holds a query; put the query on the request itself.");
        public static readonly Refusal Fragment = Refusal.Invalid("The upstream holds a fragment ('#'); leave it out.");
        public static readonly Refusal NoHost = Refusal.Invalid("The upstream has no host; write it in full, such as https://api.deepseek.com/v1.");
        public static readonly Refusal Host = Refusal.Invalid("The upstream's host is not a valid host name or IP address.");
        public static readonly Refusal Port = Refusal.Invalid("The upstream's port is not a number from 1 to 65535.");
    }
}
