using System.Text;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>
/// Text as it is on the wire: one character is one byte, both ways (Latin-1). A character above U+00FF is an error, for a silent
/// replacement would send something else than the test says.
/// </summary>
internal static class Octets
{
    private static readonly Encoding Latin1 = Encoding.GetEncoding("iso-8859-1", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    public static byte[] Of(string text) => Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> octets) => Latin1.GetString(octets);

    /// <summary>The UTF-8 bytes of <paramref name="text"/>, one character each.</summary>
    public static string Utf8(string text) => Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
