using System.Text;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>What <see cref="RawHttp2Client"/> got for a request.</summary>
/// <param name="Status">The final status; null when the server refused the stream or the connection before it sent one.</param>
/// <param name="Body">The bytes of all DATA frames.</param>
/// <param name="End">Clean: END_STREAM came. Reset: the stream was reset or the connection given up. Truncated: the connection just ended.</param>
/// <param name="ErrorCode">The error code of RST_STREAM or GOAWAY that ended the exchange.</param>
internal sealed record RawHttp2Response(int? Status, byte[] Body, StreamEnd End, uint? ErrorCode)
{
    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body);
}
