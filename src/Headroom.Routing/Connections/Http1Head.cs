using System.Buffers.Text;

namespace Headroom.Routing.Connections;

/// <summary>Looks for the final status line at the start of what an HTTP/1.x upstream has sent so far.</summary>
internal static class Http1Head
{
    internal static ReadOnlySpan<byte> Close => "Connection: close\r\n"u8;

    /// <summary>
    /// Reads how long a request is, head and body, from its beginning as <see cref="SocketsHttpHandler"/> writes it. More than can ever be written if
    /// these bytes do not tell.
    /// </summary>
    internal static long LengthOfRequest(ReadOnlySpan<byte> written)
    {
        var end = written.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return long.MaxValue;
        }

        var head = written[..(end + 2)];
        if (head.IndexOf("\r\nContent-Length: "u8) is >= 0 and var field)
        {
            var value = head[(field + "\r\nContent-Length: ".Length)..];
            return Utf8Parser.TryParse(value, out long length, out var digits) && value[digits..].StartsWith("\r\n"u8) ? end + 4 + length : long.MaxValue;
        }

        return head.IndexOf("\r\nTransfer-Encoding: "u8) < 0 && head.IndexOf("\r\nUpgrade: "u8) < 0 ? end + 4 : long.MaxValue;
    }

    /// <summary>Reads the status of the first response, interim or final; 0 if these bytes do not hold it.</summary>
    internal static int FirstStatus(ReadOnlySpan<byte> received) =>
        received.Length >= "HTTP/1.1 200".Length && received.StartsWith("HTTP/1."u8)
            && Utf8Parser.TryParse(received[9..12], out int status, out var digits) && digits == 3
            ? status
            : 0;

    /// <summary>Finds the status of the final response, behind any interim (1xx) ones.</summary>
    /// <param name="received">Everything received since the request, from the first byte on.</param>
    /// <param name="status">The status, when this returns true.</param>
    /// <param name="fields">Where the header fields of the final response begin, when this returns true.</param>
    /// <returns>False if these bytes hold no whole final status line yet, or are not HTTP.</returns>
    internal static bool TryFindFinal(ReadOnlySpan<byte> received, out int status, out int fields)
    {
        status = 0;
        fields = 0;
        while (true)
        {
            var rest = received[fields..];
            var end = rest.IndexOf((byte)'\n');
            if (end < "HTTP/1.1 200".Length || !rest.StartsWith("HTTP/1."u8)
                || !Utf8Parser.TryParse(rest[9..12], out status, out var digits) || digits != 3)
            {
                return false;
            }

            // 101 (Switching Protocols) is final: what follows is another protocol.
            if (status is >= 200 or 101)
            {
                fields += end + 1;
                return true;
            }

            end = rest.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return false;
            }

            fields += end + 4;
        }
    }
}
