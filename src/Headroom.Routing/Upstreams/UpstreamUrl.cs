using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Headroom.Routing.Upstreams;

/// <summary>
/// The parts of a base URL, and the rules by which it is parsed. <see cref="Uri"/> accepts what must be refused here (port 0, empty ports, inner white
/// space, backslashes), so it is asked only about the host.
/// </summary>
internal struct UpstreamUrl
{
    internal string Scheme;
    internal string Host;
    internal int Port;
    internal IPAddress? Address;
    internal string Path;

    /// <summary>Reads a URL.</summary>
    /// <returns>Which rule it breaks; <see langword="null"/> if none.</returns>
    internal static Refusal? Read(ReadOnlySpan<char> value, out UpstreamUrl url)
    {
        url = default;
        if (value.Length > UpstreamOverride.MaxLength)
        {
            return Errors.TooLong;
        }

        value = value.Trim();
        if (ErrorIn(value) is { } error)
        {
            return error;
        }

        var colon = value.IndexOf("://");
        if (colon <= 0)
        {
            return Errors.NotAbsolute;
        }

        if (!TryGetScheme(value[..colon], out url.Scheme))
        {
            return Errors.NotHttp;
        }

        var rest = value[(colon + 3)..];
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var path = end < 0 ? [] : rest[end..].TrimEnd('/');
        url.Path = path.ToString();
        return authority.Contains('@') ? Errors.UserInfo
            : path.Contains('#') ? Errors.Fragment
            : path.Contains('?') ? Errors.Query
            : ReadAuthority(authority, ref url) ?? (PathRules.Check(path) is null ? null : Errors.Path);
    }

    internal static int DefaultPort(string scheme) => scheme == Uri.UriSchemeHttps ? 443 : 80;

    private static Refusal? ErrorIn(ReadOnlySpan<char> value)
    {
        foreach (var c in value)
        {
            if (c == '\\' || char.IsWhiteSpace(c) || char.IsControl(c))
            {
                return Errors.Character;
            }
        }

        return value.IsEmpty ? Errors.Empty : value.Contains(',') ? Errors.Comma : null;
    }

    private static bool TryGetScheme(ReadOnlySpan<char> written, out string scheme)
    {
        scheme = written.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        return written.Equals(scheme, StringComparison.OrdinalIgnoreCase);
    }

    private static Refusal? ReadAuthority(ReadOnlySpan<char> authority, ref UpstreamUrl url)
    {
        // The colons of an IPv6 address are within its brackets (RFC 3986, section 3.2.2).
        var bracket = authority.LastIndexOf(']');
        var colon = authority[(bracket + 1)..].IndexOf(':');
        var host = colon < 0 ? authority : authority[..(bracket + 1 + colon)];
        if (host.IsEmpty)
        {
            return Errors.NoHost;
        }

        // A zone id has no meaning on another machine, and Uri ignores what follows a bracket.
        if (host.Contains('%') || host.StartsWith('[') != host.EndsWith(']') || !TryGetHost(host, out url.Host!, out url.Address))
        {
            return Errors.Host;
        }

        if (Ipv4Spelling.IsOdd(host, url.Host))
        {
            return Errors.Ipv4;
        }

        if (colon < 0)
        {
            url.Port = DefaultPort(url.Scheme);
            return null;
        }

        var valid = ushort.TryParse(authority[(host.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
        url.Port = port;
        return valid ? null : Errors.Port;
    }

    // Canonicalizes until the host no longer changes, so that the host that is judged is the host that is dialed, whatever the first spelling
    // hid (Unicode letters, soft hyphens, a trailing dot).
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

    private static class Errors
    {
        internal static readonly Refusal TooLong = Refusal.Invalid($"The upstream is longer than {UpstreamOverride.MaxLength} characters.");
        internal static readonly Refusal Empty = Refusal.Invalid("The upstream is empty; give an absolute URL such as https://api.deepseek.com/v1.");
        internal static readonly Refusal Character = Refusal.Invalid("The upstream holds white space, a control character or a backslash.");
        internal static readonly Refusal Comma = Refusal.Invalid("The upstream holds a comma; name exactly one upstream.");
        internal static readonly Refusal NotAbsolute = Refusal.Invalid("The upstream is not an absolute URL; write it in full, such as https://api.deepseek.com/v1.");
        internal static readonly Refusal NotHttp = Refusal.Invalid("The upstream's scheme is not http or https; WebSockets too go to an http(s) upstream.");
        internal static readonly Refusal UserInfo = Refusal.Invalid("The upstream holds user info before an '@'; send credentials in their own header.");
        internal static readonly Refusal Query = Refusal.Invalid("The upstream holds a query; put the query on the request itself.");
        internal static readonly Refusal Fragment = Refusal.Invalid("The upstream holds a fragment ('#'); leave it out.");
        internal static readonly Refusal NoHost = Refusal.Invalid("The upstream has no host; write it in full, such as https://api.deepseek.com/v1.");
        internal static readonly Refusal Host = Refusal.Invalid("The upstream's host is not a valid host name or IP address.");
        internal static readonly Refusal Ipv4 = Refusal.Invalid("The upstream's host ends in a number but is no plain IPv4 address; write the IPv4 address as four decimal numbers, such as 192.0.2.1.");
        internal static readonly Refusal Path = Refusal.Invalid("The upstream's path holds a '.' or '..' segment, plain or encoded, or a character outside printable ASCII.");
        internal static readonly Refusal Port = Refusal.Invalid("The upstream's port is not a number from 1 to 65535.");
    }
}
