using System.Buffers;

namespace Headroom.Routing.Connections;

/// <summary>The bytes of an answer that were received, but not handed to the HTTP handler yet.</summary>
internal sealed class Http1Answer
{
    // Room for a status line and some interim responses; nothing needs the whole head.
    private const int Size = 8 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _lent;

    /// <summary>Whether there are bytes to hand over.</summary>
    internal bool HasBytes => _start < _end;

    /// <summary>The status of the answer, interim or final; 0 if its beginning does not tell.</summary>
    internal int Status => Http1Head.FirstStatus(_buffer.AsSpan(0, _end));

    /// <summary>Whether there is room for more.</summary>
    internal bool HasRoom => _buffer is null || _end < _buffer.Length - Http1Head.Close.Length;

    /// <summary>Keeps the beginning of an answer, of which the first byte is being handed over already.</summary>
    internal void KeepAllButFirst(ReadOnlySpan<byte> bytes)
    {
        Rent(bytes.Length + Http1Head.Close.Length);
        bytes.CopyTo(_buffer);
        _start = 1;
        _end = bytes.Length;
    }

    /// <summary>Lends room to receive into, until <see cref="Add"/>.</summary>
    internal Memory<byte> Lend()
    {
        Rent(Size);
        _lent = true;
        return _buffer.AsMemory(_end, _buffer!.Length - Http1Head.Close.Length - _end);
    }

    /// <summary>Adds what was received into the room that was lent.</summary>
    internal void Add(int count)
    {
        _lent = false;
        _end += count;
    }

    /// <summary>Hands bytes over.</summary>
    internal int Take(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        if (!HasBytes)
        {
            Clear();
        }

        return count;
    }

    /// <summary>Forgets what was handed over.</summary>
    internal void Clear()
    {
        if (_buffer is not null && !_lent)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
            _start = _end = 0;
        }
    }

    /// <summary>Marks the answer as the last one of its connection, if it is final and, unless <paramref name="any"/>, a refusal.</summary>
    internal bool TryMarkLast(bool any)
    {
        if (!HasBytes || _lent || !Http1Head.TryFindFinal(_buffer.AsSpan(0, _end), out var status, out var fields)
            || fields <= _start || !(any || status >= 300))
        {
            return false;
        }

        var mark = Http1Head.Close;
        _buffer.AsSpan(fields, _end - fields).CopyTo(_buffer.AsSpan(fields + mark.Length));
        mark.CopyTo(_buffer.AsSpan(fields));
        _end += mark.Length;
        return true;
    }

    private void Rent(int size) => _buffer ??= ArrayPool<byte>.Shared.Rent(Math.Max(size, Size));
}
