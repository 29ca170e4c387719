using System.Buffers;
using System.Runtime.CompilerServices;

namespace Headroom.Routing.Connections;

/// <content>What happens to a short request that the handler writes in more than one piece.</content>
internal sealed partial class Http1Stream
{
    // What the handler collects before it writes; doubled for a long head.
    private const int HandlerBuffer = 4 * 1024;

    // TLS puts this much into one record.
    private const int MaxHeld = 16 * 1024;

    private ArraySegment<byte> _held;

    // Only a buffer that ran full is held, for then the handler has more to write already; what it flushes is hardly ever just as long. And only the
    // beginning of a request is held, but never the head alone, which asks for something (100-continue) or whose client is slow.
    private bool TryHold(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % HandlerBuffer != 0 || !_request.IsUnsent || _ended || bytes.EndsWith("\r\n\r\n"u8)
            || _request.Unwritten <= 0 || _request.Unwritten > MaxHeld - bytes.Length - _held.Count)
        {
            return false;
        }

        Hold(bytes);
        return true;
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        var length = _held.Count + bytes.Length;
        if (_held.Array is null || _held.Array.Length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, MaxHeld));
            _held.AsSpan().CopyTo(larger);
            Return(_held);
            _held = new(larger, 0, _held.Count);
        }

        bytes.CopyTo(_held.Array.AsSpan(_held.Count));
        _held = new(_held.Array!, 0, length);
    }

    private ArraySegment<byte> TakeHeld()
    {
        lock (_gate)
        {
            var held = _held;
            _held = default;
            return held;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendHeldAsync(ArraySegment<byte> held, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(held, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Return(held);
        }
    }

    private static void Return(ArraySegment<byte> held)
    {
        if (held.Array is not null)
        {
            ArrayPool<byte>.Shared.Return(held.Array);
        }
    }
}
