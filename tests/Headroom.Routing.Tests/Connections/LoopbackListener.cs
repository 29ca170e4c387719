using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Headroom.Routing.Tests.Connections;

/// <summary>A listener on 127.0.0.1 that accepts nothing by itself: whoever dialed it is pending.</summary>
internal sealed class LoopbackListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopbackListener() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool WasDialed => _listener.Pending();

    public Uri UrlOf(string host) => new($"http://{host}:{Port}/v1/models");

    /// <summary>Takes one connection, answers its request and closes.</summary>
    /// <returns>The request's head.</returns>
    public Task<string> AnswerAsync(string status = "200 OK", params string[] headers) =>
        AnswerAsync(Task.FromResult, status, headers);

    /// <inheritdoc cref="AnswerAsync(string, string[])"/>
    public async Task<string> AnswerAsync(Func<Stream, Task<Stream>> secure, string status = "200 OK", params string[] headers)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        await using var stream = await secure(client.GetStream());
        using var reader = new StreamReader(stream, Encoding.ASCII);

        var head = new StringBuilder();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            head.Append(line).Append('\n');
        }

        string[] lines = [$"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", .. headers, "", ""];
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)));
        return head.ToString();
    }

    public void Dispose() => _listener.Dispose();
}
