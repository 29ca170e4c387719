using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing;

/// <summary>
/// The base URL of an upstream, parsed and checked: the value of <c>X-Headroom-Upstream</c> and, by the same rules, an operator's own base addresses.
/// It can only be made by parsing, so every instance has a usable http(s) origin and a path that stays below it.
/// </summary>
/// <remarks>The host is the one that would be dialed: in its ASCII form (RFC 5891), in lower case and without a trailing dot.</remarks>
[DebuggerDisplay("{ToString()}")]
public sealed class UpstreamOverride : IEquatable<UpstreamOverride>, ISpanParsable<UpstreamOverride>
{
    /// <summary>The longest value that is read, in characters.</summary>
    public const int MaxLength = 2048;

    private UpstreamOverride(UpstreamUrl url)
    {
        Scheme = url.Scheme;
        Host = url.Host;
        Port = url.Port;
        Address = url.Address;
        Path = url.Path;
        NormalizedPath = DropTrailingVersion(Path);
        Origin = url.Port == UpstreamUrl.DefaultPort(url.Scheme)
            ? $"{Scheme}://{Host}"
            : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");
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

    /// <summary>Origin and normalized path.</summary>
    internal string Normalized { get; }

    /// <summary>Parses a base URL, or says which rule it breaks.</summary>
    /// <param name="value">An absolute http(s) URL without user info, query or fragment, at most <see cref="MaxLength"/> characters.</param>
    /// <param name="result">The upstream, if the value is one.</param>
    /// <param name="refusal">What is wrong with the value, if it is not. The text never repeats it.</param>
    /// <returns>Whether the value is the base URL of an upstream.</returns>
    public static bool TryParse(
        ReadOnlySpan<char> value,
        [NotNullWhen(true)] out UpstreamOverride? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = UpstreamUrl.Read(value, out var url);
        result = refusal is null ? new UpstreamOverride(url) : null;
        return refusal is null;
    }

    /// <summary>Parses a base URL.</summary>
    /// <param name="value">An absolute http(s) URL without user info, query or fragment, at most <see cref="MaxLength"/> characters.</param>
    /// <param name="result">The upstream, if the value is one.</param>
    /// <returns>Whether the value is the base URL of an upstream.</returns>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out UpstreamOverride? result) =>
        TryParse(value.AsSpan(), out result, out _);

    /// <summary>Parses a base URL.</summary>
    /// <param name="value">An absolute http(s) URL without user info, query or fragment, at most <see cref="MaxLength"/> characters.</param>
    /// <returns>The upstream.</returns>
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

    /// <summary>The normalized URL.</summary>
    /// <returns>Origin and path without one trailing <c>/v1</c> or <c>/v1beta</c>.</returns>
    public override string ToString() => Normalized;

    /// <summary>Compares the URLs as written: two overrides that differ in a trailing <c>/v1</c> join differently.</summary>
    /// <param name="other">Another upstream.</param>
    /// <returns>Whether both have the same origin and the same path as written.</returns>
    public bool Equals(UpstreamOverride? other) => other is not null && Verbatim == other.Verbatim;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UpstreamOverride);

    /// <inheritdoc/>
    public override int GetHashCode() => Verbatim.GetHashCode(StringComparison.Ordinal);

    private static string DropTrailingVersion(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash >= 0 && path.AsSpan(slash + 1) is "v1" or "v1beta" ? path[..slash].TrimEnd('/') : path;
    }
}
