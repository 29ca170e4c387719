using System.Threading.Tasks.Sources;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Benchmarks;

/// <summary>In the place of an upstream's socket, below SocketsHttpHandler. It answers when it is told to, on the thread that tells it.</summary>
internal sealed class InMemoryUpstream : DuplexStream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _read;
    private ReadOnlyMemory<byte> _unread;
    private Memory<byte> _room;
    private bool _isRead;

    /// <summary>How many bytes have come.</summary>
    internal long Received { get; private set; }

    /// <summary>Sends a part of an answer.</summary>
    internal void Send(ReadOnlyMemory<byte> bytes)
    {
        _unread = bytes;
        if (_isRead)
        {
            _isRead = false;
            _read.SetResult(Take(_room.Span));
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_unread.IsEmpty)
        {
            return new(Take(buffer.Span));
        }

        _room = buffer;
        _isRead = true;
        _read.Reset();
        return new(this, _read.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Received += buffer.Length;
        return default;
    }

    public override int Read(Span<byte> buffer) => throw new NotSupportedException();

    public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public int GetResult(short token) => _read.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _read.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private int Take(Span<byte> room)
    {
        var count = Math.Min(room.Length, _unread.Length);
        _unread.Span[..count].CopyTo(room);
        _unread = _unread[count..];
        return count;
    }
}
