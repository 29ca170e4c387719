using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>One TCP connection with a read buffer. A reset is an <see cref="IOException"/>, a premature end an <see cref="EndOfStreamException"/>.</summary>
internal sealed class Wire(Socket socket) : IDisposable
{
    private const int MaxLine = 1024 * 1024;

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    // The system reports a reset once, to a read or to a write, and from then on an ordinary end: so it is remembered here.
    private IOException? _reset;

    public static async Task<Wire> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var patience = new CancellationTokenSource(Patience.Limit);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address.Host), address.Port), patience.Token);
            return new Wire(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        try
        {
            await _stream.WriteAsync(octets, patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw Patience.Exhausted("the peer to take bytes");
        }
        catch (IOException e)
        {
            _reset = e;
            throw;
        }
    }

    /// <summary>Waits until there is a byte to take; false when the peer finished sending.</summary>
    /// <param name="idle">Whether silence is ordinary here and has no limit.</param>
    public ValueTask<bool> HasDataAsync(bool idle = false) => _start < _end ? new(true) : FillAsync(idle);

    /// <summary>What has arrived, at most <paramref name="atMost"/> bytes of it; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Take(long atMost)
    {
        var count = (int)Math.Min(atMost, _end - _start);
        ReadOnlyMemory<byte> taken = _buffer.AsMemory(_start, count);
        _start += count;
        return taken;
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var octets = new byte[count];
        for (var read = 0; read < count;)
        {
            if (!await HasDataAsync())
            {
                throw new EndOfStreamException($"The peer finished sending after {read} of {count} bytes.");
            }

            var piece = Take(count - read);
            piece.CopyTo(octets.AsMemory(read));
            read += piece.Length;
        }

        return octets;
    }

    /// <summary>Everything up to and including <paramref name="terminator"/>; null when the peer finished sending before the first byte.</summary>
    public async Task<string?> ReadThroughAsync(string terminator, bool idle = false)
    {
        var ending = Octets.Of(terminator);
        if (!await HasDataAsync(idle))
        {
            return null;
        }

        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf(ending);
            if (at >= 0)
            {
                return Octets.Text(Take(at + ending.Length).Span);
            }

            if (_end - _start > MaxLine)
            {
                throw new InvalidDataException($"No end of line or head within {MaxLine} bytes.");
            }

            if (!await FillAsync(idle: false))
            {
                throw new EndOfStreamException($"The peer finished sending within a line or head: '{Octets.Text(Take(MaxLine).Span)}'.");
            }
        }
    }

    /// <summary>Waits until the peer hangs up; whatever it still sends is thrown away.</summary>
    public async Task<StreamEnd> WaitForEndAsync(bool idle = false)
    {
        try
        {
            while (await HasDataAsync(idle))
            {
                Take(long.MaxValue);
            }

            return StreamEnd.Clean;
        }
        catch (IOException)
        {
            return StreamEnd.Reset;
        }
    }

    /// <summary>Says that nothing more will be sent (FIN); the peer can still send.</summary>
    public void FinishSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was faster: its hang-up ended this direction too.
        }
    }

    /// <summary>Breaks the connection off (RST).</summary>
    public void Abort()
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection is gone already: nothing is left to break off.
        }

        // Not through the stream: it would shut the socket down first, and the peer would see an orderly end before the reset.
        socket.Dispose();
        _stream.Dispose();
    }

    public void Dispose() => _stream.Dispose();

    private async ValueTask<bool> FillAsync(bool idle)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            var larger = new byte[_buffer.Length * 2];
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            (_buffer, _start, _end) = (larger, 0, _end - _start);
        }

        using var patience = new CancellationTokenSource(idle ? Timeout.InfiniteTimeSpan : Patience.Limit);
        int count;
        try
        {
            count = await _stream.ReadAsync(_buffer.AsMemory(_end), patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw Patience.Exhausted("the peer to send or to hang up");
        }
        catch (IOException e)
        {
            _reset = e;
            throw;
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("This side closed the connection.", e);
        }

        if (count == 0 && _reset is not null)
        {
            throw new IOException("The connection was reset before.", _reset);
        }

        _end += count;
        return count > 0;
    }
}
