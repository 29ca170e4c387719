using System.Globalization;
using System.Text;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>One request at a <see cref="RawUpstream"/> and the means to answer it step by step.</summary>
internal sealed class RawExchange(Wire wire, RawRequest request, BodyReader body)
{
    public RawRequest Request { get; } = request;

    /// <summary>Whether the connection ends with this exchange.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Whether it has been broken off already.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Reads the request body, where the handler runs on the head alone; the end may be a truncated one.</summary>
    public async Task<RawBody> ReadBodyAsync()
    {
        if (!Request.HasBody)
        {
            Request.Body = await RawBody.ReadAsync(body);
        }

        return Request.Body;
    }

    /// <summary>Reads what the peer sends once the connection was switched to another protocol.</summary>
    public Task<byte[]> ReadRawAsync(int count) => wire.ReadAsync(count);

    public Task WriteAsync(ReadOnlyMemory<byte> octets) => wire.SendAsync(octets);

    /// <summary>Writes text whose every character is one byte.</summary>
    public Task WriteAsync(string text) => wire.SendAsync(Octets.Of(text));

    /// <summary>A whole answer with a <c>Content-Length</c>; the body is sent as UTF-8, and left out for HEAD.</summary>
    public Task RespondAsync(int status = 200, string body = "", params (string Name, string Value)[] headers) =>
        RespondAsync(status, Encoding.UTF8.GetBytes(body), headers);

    public async Task RespondAsync(int status, ReadOnlyMemory<byte> body, params (string Name, string Value)[] headers)
    {
        var length = body.Length.ToString(CultureInfo.InvariantCulture);
        await WriteAsync(Head(status, [.. headers, ("Content-Length", length)]));
        if (Request.Method != "HEAD")
        {
            await WriteAsync(body);
        }
    }

    /// <summary>The head of a chunked answer, and nothing more.</summary>
    public Task StartChunkedAsync(int status = 200, params (string Name, string Value)[] headers) =>
        WriteAsync(Head(status, [.. headers, ("Transfer-Encoding", "chunked")]));

    public Task WriteChunkAsync(string text) => WriteChunkAsync(Encoding.UTF8.GetBytes(text));

    public Task WriteChunkAsync(ReadOnlyMemory<byte> bytes) =>
        WriteAsync((byte[])[.. Octets.Of($"{bytes.Length:x}\r\n"), .. bytes.Span, .. "\r\n"u8]);

    public Task EndChunksAsync() => WriteAsync("0\r\n\r\n");

    /// <summary>Finishes sending (FIN) once the handler has written what it had to say: an orderly end of the connection.</summary>
    public void Close()
    {
        IsLast = true;
        wire.FinishSending();
    }

    /// <summary>Breaks the connection off (RST).</summary>
    public void Abort()
    {
        IsLast = IsAborted = true;
        wire.Abort();
    }

    /// <summary>Waits until the peer hangs up, in order or by a reset; anything that it still sends is thrown away.</summary>
    public Task<StreamEnd> WaitForHangUpAsync()
    {
        IsLast = true;
        return wire.WaitForEndAsync();
    }

    private static string Head(int status, IEnumerable<(string Name, string Value)> headers) =>
        $"HTTP/1.1 {status} Status\r\n{string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"))}\r\n";
}
