using System.Buffers;
using System.Globalization;

namespace Headroom.Routing.Upstreams;

/// <summary>Rules for every path, whether it comes from the request line, an override or an original-path header.</summary>
internal static class PathRules
{
    private const int MaxDecodings = 3;

    // The printable ASCII that may stand in a request target. HTTP/2 lets the rest through Kestrel.
    private static readonly SearchValues<char> PathChars = SearchValues.Create(
        "!\"$%&'()*+,-./0123456789:;<=>@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<char> QueryChars = SearchValues.Create(
        "!\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly Refusal BadCharacter = Refusal.Invalid(
        "The path holds a space, a control character, '#', '?', a backslash or a character outside ASCII; percent-encode it.");

    private static readonly Refusal BadQueryCharacter = Refusal.Invalid(
        "The query holds a space, a control character, '#' or a character outside ASCII; percent-encode it.");

    private static readonly Refusal DotSegment = Refusal.Invalid(
        "The path holds a '.' or '..' segment, plain or encoded; send the path that is meant.");

    /// <summary>The refusal for a path, or <see langword="null"/> if it may be sent as it stands.</summary>
    internal static Refusal? Check(ReadOnlySpan<char> path)
    {
        if (path.ContainsAnyExcept(PathChars))
        {
            return BadCharacter;
        }

        return HoldsDotSegment(path) ? DotSegment : null;
    }

    /// <summary>The refusal for a query (with its leading <c>?</c>), or <see langword="null"/> if it may be sent as it stands.</summary>
    internal static Refusal? CheckQuery(ReadOnlySpan<char> query) => query.ContainsAnyExcept(QueryChars) ? BadQueryCharacter : null;

    // An upstream, or a proxy in front of it, may decode a path more than once, so every decoded form is judged. The path is sent encoded.
    private static bool HoldsDotSegment(ReadOnlySpan<char> path)
    {
        if (!path.Contains('%'))
        {
            return HasDotSegment(path);
        }

        var buffer = ArrayPool<char>.Shared.Rent(path.Length);
        try
        {
            path.CopyTo(buffer);
            var judged = buffer.AsSpan(0, path.Length);
            for (var i = 0; i < MaxDecodings; i++)
            {
                var decoded = Decode(judged);
                if (HasDotSegment(judged[..decoded]))
                {
                    return true;
                }

                if (decoded == judged.Length)
                {
                    return false;
                }

                judged = judged[..decoded];
            }

            return false;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        if (!path.Contains('.'))
        {
            return false;
        }

        foreach (var range in path.SplitAny('/', '\\'))
        {
            var segment = path[range];
            var parameters = segment.IndexOf(';');
            if ((parameters < 0 ? segment : segment[..parameters]) is "." or "..")
            {
                return true;
            }
        }

        return false;
    }

    // Decodes every ASCII character once, in place. Even an encoded digit may hide a dot segment, as in '%25%32%65'.
    private static int Decode(Span<char> path)
    {
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var decoded = path[i];
            if (decoded == '%' && i + 2 < path.Length
                && byte.TryParse(path.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                && char.IsAscii((char)value))
            {
                decoded = (char)value;
                i += 2;
            }

            path[length++] = decoded;
        }

        return length;
    }
}
