namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>An HTTP/1.1 client on a bare socket: it sends exactly the bytes it is given and sees exactly how the answer ends.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly Wire _wire;

    private RawClient(Wire wire) => _wire = wire;

    public static async Task<RawClient> ConnectAsync(Uri address) => new(await Wire.ConnectAsync(address));

    public Task SendAsync(ReadOnlyMemory<byte> octets) => _wire.SendAsync(octets);

    /// <summary>Sends text whose every character is one byte.</summary>
    public Task SendAsync(string text) => _wire.SendAsync(Octets.Of(text));

    /// <summary>The next response head, an interim (1xx) one included.</summary>
    /// <param name="toHead">Whether it answers a HEAD request and so has no body, whatever its headers say.</param>
    public async Task<RawResponse> ReadResponseAsync(bool toHead = false) =>
        await MessageHead.ReadAsync(_wire) is { } head
            ? new RawResponse(_wire, head, toHead)
            : throw new EndOfStreamException("The server closed the connection without a response.");

    /// <summary>Waits until the server hangs up; whatever it still sends is thrown away.</summary>
    public Task<StreamEnd> WaitForEndAsync() => _wire.WaitForEndAsync();

    /// <summary>Says that nothing more will be sent (FIN), and goes on listening.</summary>
    public void FinishSending() => _wire.FinishSending();

    /// <summary>Goes away without a word (RST).</summary>
    public void HangUp() => _wire.Abort();

    public ValueTask DisposeAsync()
    {
        _wire.Dispose();
        return ValueTask.CompletedTask;
    }
}
