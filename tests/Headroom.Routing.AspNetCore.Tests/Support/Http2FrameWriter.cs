using System.Buffers.Binary;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>Writes HTTP/2 frames (RFC 9113, section 4.1), one at a time.</summary>
internal sealed class Http2FrameWriter(Stream stream) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public Task WriteAsync(byte type, byte flags, int streamId, byte[] payload) => WriteAsync((type, flags, streamId, payload));

    /// <summary>Writes frames in one go, so that the peer finds the later ones together with the first.</summary>
    public async Task WriteAsync(params (byte Type, byte Flags, int Stream, byte[] Payload)[] frames)
    {
        byte[] octets = [.. frames.SelectMany(frame => Encode(frame.Type, frame.Flags, frame.Stream, frame.Payload))];
        await _turn.WaitAsync();
        try
        {
            await stream.WriteAsync(octets);
            await stream.FlushAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static byte[] Encode(byte type, byte flags, int streamId, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (payload.Length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
