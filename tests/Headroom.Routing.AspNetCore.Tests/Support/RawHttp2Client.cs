using System.Buffers.Binary;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>
/// As much of an HTTP/2 client (RFC 9113, without TLS, by prior knowledge) as it takes to send requests without a body whose header values
/// no proper client would let through, such as a blank or a line end in <c>:path</c>.
/// </summary>
internal sealed class RawHttp2Client : IAsyncDisposable
{
    private const byte Data = 0x0, Headers = 0x1, ResetStream = 0x3, Settings = 0x4, Ping = 0x6, GoAway = 0x7, WindowUpdate = 0x8;
    private const byte Ack = 0x1, EndStream = 0x1, EndHeaders = 0x4, Padded = 0x8, Priority = 0x20;
    private const int MaxFrame = 16 * 1024;

    private readonly Wire _wire;
    private readonly string _authority;
    private int _nextStream = 1;
    private uint? _goAway;

    private RawHttp2Client(Wire wire, string authority)
    {
        _wire = wire;
        _authority = authority;
    }

    public static async Task<RawHttp2Client> ConnectAsync(Uri address)
    {
        var wire = await Wire.ConnectAsync(address);
        var client = new RawHttp2Client(wire, address.Authority);

        // No dynamic table, so that a header block can be read by itself; windows so wide that flow control never comes up.
        byte[] settings = [0, 1, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff];
        await wire.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await client.SendFrameAsync(Settings, 0, 0, settings);
        await client.SendFrameAsync(WindowUpdate, 0, 0, [0x3f, 0xff, 0xff, 0xff]);
        return client;
    }

    /// <summary>Sends a request and reads its answer to the end. Every character of the texts is one byte.</summary>
    public async Task<RawHttp2Response> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        var stream = _nextStream;
        _nextStream += 2;
        var block = HeaderBlock.Encode([(":method", method), (":scheme", "http"), (":authority", _authority), (":path", path), .. headers]);
        if (block.Length > MaxFrame)
        {
            throw new ArgumentException($"The headers take {block.Length} bytes, and one frame holds {MaxFrame}.", nameof(headers));
        }

        await SendFrameAsync(Headers, EndStream | EndHeaders, stream, block);
        return await ReadResponseAsync(stream);
    }

    /// <summary>The error code of the server's GOAWAY, waiting for it if need be; null if the connection ends without one.</summary>
    public async Task<uint?> ReadGoAwayAsync()
    {
        while (_goAway is null && await ReadFrameAsync() is var (type, _, _, payload))
        {
            if (type == GoAway)
            {
                _goAway = ErrorOf(payload);
            }
        }

        return _goAway;
    }

    public ValueTask DisposeAsync()
    {
        _wire.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<RawHttp2Response> ReadResponseAsync(int stream)
    {
        int? status = null;
        using var body = new MemoryStream();
        while (await ReadFrameAsync() is var (type, flags, on, payload))
        {
            switch (type)
            {
                case Settings when (flags & Ack) == 0:
                    await AcknowledgeAsync(Settings, []);
                    break;
                case Ping when (flags & Ack) == 0:
                    await AcknowledgeAsync(Ping, payload);
                    break;
                case GoAway:
                    _goAway = ErrorOf(payload);
                    if (_goAway > 0)
                    {
                        return new RawHttp2Response(status, body.ToArray(), StreamEnd.Reset, _goAway);
                    }

                    break;
                case ResetStream when on == stream:
                    return new RawHttp2Response(status, body.ToArray(), StreamEnd.Reset, BinaryPrimitives.ReadUInt32BigEndian(payload));
                case Headers or Data when on == stream:
                    if ((flags & (Padded | (type == Headers ? Priority : 0))) != 0)
                    {
                        throw new NotSupportedException("Padding and priorities are not read here.");
                    }

                    if (type == Data)
                    {
                        body.Write(payload);
                    }
                    else if (status is null or < 200)
                    {
                        // Later ones are trailers.
                        status = HeaderBlock.Status(payload);
                    }

                    if ((flags & EndStream) != 0)
                    {
                        return new RawHttp2Response(status, body.ToArray(), StreamEnd.Clean, null);
                    }

                    break;
                default:
                    break;
            }
        }

        return new RawHttp2Response(status, body.ToArray(), StreamEnd.Truncated, null);
    }

    private static uint ErrorOf(byte[] goAway) => BinaryPrimitives.ReadUInt32BigEndian(goAway.AsSpan(4));

    private async Task AcknowledgeAsync(byte type, byte[] payload)
    {
        try
        {
            await SendFrameAsync(type, Ack, 0, payload);
        }
        catch (IOException)
        {
            // The server has closed already; why, is among the frames that are still to be read.
        }
    }

    private async Task SendFrameAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (payload.Length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _wire.SendAsync(frame);
    }

    private async Task<(byte Type, byte Flags, int Stream, byte[] Payload)?> ReadFrameAsync()
    {
        try
        {
            var head = await _wire.ReadAsync(9);
            var payload = await _wire.ReadAsync(BinaryPrimitives.ReadInt32BigEndian(head) >>> 8);
            return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
