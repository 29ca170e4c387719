using System.Net.Sockets;

namespace Headroom.Routing.Connections;

/// <summary>
/// Counts what a peer's TCP acknowledged, to tell after its end of stream (FIN) whether it had received anything of a request: a FIN
/// acknowledges all that came before it. A reset says nothing of that kind, for it may come before a delayed acknowledgement of bytes
/// that were read.
/// </summary>
internal sealed class TcpAcknowledgements
{
    // tcpi_bytes_acked of struct tcp_info, since Linux 4.1.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int BytesAcknowledged = 120;

    private readonly Socket _socket;
    private readonly ulong _atStart;

    private TcpAcknowledgements(Socket socket, ulong atStart)
    {
        _socket = socket;
        _atStart = atStart;
    }

    /// <summary>Begins to count on a connection that nothing was written to yet. Returns <see langword="null"/> where the system or the stream can't tell.</summary>
    internal static TcpAcknowledgements? TryCreate(Stream stream) =>
        OperatingSystem.IsLinux() && stream is NetworkStream { Socket: var socket } && TryRead(socket) is { } atStart ? new(socket, atStart) : null;

    /// <summary>Whether it is known that nothing behind the first <paramref name="written"/> bytes was acknowledged.</summary>
    internal bool EndAtOrBefore(ulong written) => TryRead(_socket) is { } acknowledged && acknowledged - _atStart <= written;

    private static ulong? TryRead(Socket socket)
    {
        Span<byte> info = stackalloc byte[BytesAcknowledged + sizeof(ulong)];
        try
        {
            return socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length
                ? BitConverter.ToUInt64(info[BytesAcknowledged..])
                : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
