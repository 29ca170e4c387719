using System.Buffers;
using System.Net;
using System.Text;

namespace Headroom.Routing.Upstreams;

/// <summary>
/// Finds hosts that one parser takes for an IPv4 address and another for a name, or for another address: <c>0x7f.1</c>, <c>127.1</c>,
/// <c>0177.0.0.1</c>, <c>1.2.3.256</c>, digits outside ASCII. Four plain decimal numbers are read alike by all of them.
/// </summary>
internal static class Ipv4Spelling
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    // What separates labels (UTS #46, section 4.5): the full stop, and three that become one.
    private static readonly SearchValues<char> Dots = SearchValues.Create(".\u3002\uff0e\uff61");

    /// <summary>Whether a host is meant as an IPv4 address, but not written as four decimal numbers.</summary>
    /// <param name="written">As the caller wrote it.</param>
    /// <param name="canonical">As it would be dialed.</param>
    internal static bool IsOdd(ReadOnlySpan<char> written, ReadOnlySpan<char> canonical) =>
        (EndsInNumber(written) || EndsInNumber(canonical)) && !IsPlain(written);

    // https://url.spec.whatwg.org/#ends-in-a-number-checker: such a host is an IPv4 address or nothing. Digits outside ASCII are
    // looked for as well, because whether they become ASCII depends on the machine's globalization mode.
    private static bool EndsInNumber(ReadOnlySpan<char> host)
    {
        host = !host.IsEmpty && Dots.Contains(host[^1]) ? host[..^1] : host;
        var label = host[(host.LastIndexOfAny(Dots) + 1)..];
        if (label.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return !label[2..].ContainsAnyExcept(HexDigits);
        }

        foreach (var rune in label.EnumerateRunes())
        {
            if (!Rune.IsNumber(rune))
            {
                return false;
            }
        }

        return !label.IsEmpty;
    }

    // The text that .NET writes for an address has no leading zeros and no trailing dot.
    private static bool IsPlain(ReadOnlySpan<char> host)
    {
        Span<char> text = stackalloc char[15];
        return IPAddress.TryParse(host, out var address) && address.TryFormat(text, out var length) && host.SequenceEqual(text[..length]);
    }
}
