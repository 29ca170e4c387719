using System.Globalization;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>Takes the framing off an HTTP/1.1 body and hands out what is inside, piece by piece as it arrives.</summary>
internal sealed class BodyReader
{
    private readonly Wire _wire;
    private readonly bool _chunked;
    private readonly bool _untilClose;
    private long _remaining;
    private bool _chunkOpen;
    private bool _ended;

    private BodyReader(Wire wire, long length = 0, bool chunked = false, bool untilClose = false)
    {
        _wire = wire;
        _remaining = length;
        _chunked = chunked;
        _untilClose = untilClose;
    }

    public IReadOnlyList<string> Trailers { get; private set; } = [];

    public static BodyReader OfRequest(Wire wire, MessageHead head) => Framed(wire, head) ?? new BodyReader(wire);

    public static BodyReader OfResponse(Wire wire, MessageHead head, int status, bool toHead) => status switch
    {
        101 => UntilClose(wire),
        < 200 or 204 or 304 => new BodyReader(wire),
        _ when toHead => new BodyReader(wire),
        _ => Framed(wire, head) ?? UntilClose(wire),
    };

    /// <summary>The next bytes, valid until the next read; empty at the clean end of the body.</summary>
    /// <exception cref="EndOfStreamException">The peer finished sending within the body.</exception>
    /// <exception cref="IOException">The peer reset the connection.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        if (_chunked && _remaining == 0 && !_ended)
        {
            await NextChunkAsync();
        }

        if (_remaining == 0)
        {
            _ended = true;
            return default;
        }

        if (!await _wire.HasDataAsync())
        {
            if (!_untilClose)
            {
                throw new EndOfStreamException("The peer finished sending within the body.");
            }

            _remaining = 0;
            return default;
        }

        var piece = _wire.Take(_remaining);
        _remaining -= piece.Length;
        return piece;
    }

    private static BodyReader? Framed(Wire wire, MessageHead head) =>
        head.Values("Transfer-Encoding") is [.., var coding] && coding.EndsWith("chunked", StringComparison.OrdinalIgnoreCase)
            ? new BodyReader(wire, chunked: true)
            : head.Values("Content-Length") is [var length, ..]
                ? new BodyReader(wire, long.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture))
                : null;

    private static BodyReader UntilClose(Wire wire) => new(wire, long.MaxValue, untilClose: true);

    private async ValueTask NextChunkAsync()
    {
        // A chunk's own line end is read only here, so that its data is handed out even while the sender holds that back.
        if (_chunkOpen && await ReadLineAsync() is { Length: > 0 } surplus)
        {
            throw new InvalidDataException($"The chunk is longer than its size says: '{surplus}'.");
        }

        var size = (await ReadLineAsync()).Split(';')[0];
        _remaining = long.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        _chunkOpen = _remaining > 0;
        if (_chunkOpen)
        {
            return;
        }

        var trailers = new List<string>();
        while (await ReadLineAsync() is { Length: > 0 } trailer)
        {
            trailers.Add(trailer);
        }

        Trailers = trailers;
    }

    private async ValueTask<string> ReadLineAsync() =>
        await _wire.ReadThroughAsync("\r\n") is { } line ? line[..^2] : throw new EndOfStreamException("The peer finished sending between chunks.");
}
