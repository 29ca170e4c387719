using System.Globalization;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>One request at a <see cref="RawHttp2Upstream"/> and the means to answer it frame by frame.</summary>
internal sealed class RawHttp2Exchange(Http2FrameWriter frames, int stream)
{
    public Task StartAsync(int status, params (string Name, string Value)[] headers) => frames.WriteAsync(Head(status, end: false, headers));

    /// <summary>A head that ends the stream.</summary>
    public Task HeadOnlyAsync(int status, params (string Name, string Value)[] headers) => frames.WriteAsync(Head(status, end: true, headers));

    public Task DataAsync(string text, bool end = false) => frames.WriteAsync(Data(text, end));

    /// <summary>Head and body in one write, and the end of the stream with them.</summary>
    public Task RespondAsync(int status, string body, params (string Name, string Value)[] headers) =>
        frames.WriteAsync(Head(status, end: false, headers), Data(body, end: true));

    /// <summary>RST_STREAM.</summary>
    public Task ResetAsync(uint error) => frames.WriteAsync(0x3, 0, stream, [(byte)(error >> 24), (byte)(error >> 16), (byte)(error >> 8), (byte)error]);

    private (byte, byte, int, byte[]) Head(int status, bool end, (string, string)[] headers) =>
        (0x1, (byte)(end ? 0x5 : 0x4), stream, HeaderBlock.Encode([(":status", status.ToString(CultureInfo.InvariantCulture)), .. headers]));

    private (byte, byte, int, byte[]) Data(string text, bool end) => (0x0, (byte)(end ? 0x1 : 0), stream, Octets.Of(text));
}
