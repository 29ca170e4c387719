using System.Net;
using System.Net.Sockets;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

/// <summary>The ends of a connection, as the HTTP handler's own steps meet them: what is known to have arrived, and what is not.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)] // other systems don't tell what was acknowledged
public sealed class Http1StreamTests
{
    private static readonly byte[] Buffer = new byte[4096];

    [TestMethod]
    public async Task A_request_to_a_peer_that_had_closed_was_not_received()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await ExchangeAsync(stream, peer);
        var ahead = stream.ReadAsync(Buffer).AsTask();
        peer.Dispose();

        await Assert.ThrowsExactlyAsync<RequestNotReceivedException>(() => SendAsync(stream, ahead, "POST / HTTP/1.1\r\n\r\n"));
    }

    [TestMethod]
    public async Task A_request_that_may_be_sent_twice_just_finds_the_end()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await ExchangeAsync(stream, peer);
        var ahead = stream.ReadAsync(Buffer).AsTask();
        peer.Dispose();

        Assert.AreEqual(0, await SendAsync(stream, ahead, "GET / HTTP/1.1\r\n\r\n"));
    }

    [TestMethod]
    [DataRow(true, false)]
    [DataRow(true, true)]
    [DataRow(false, true)]
    public async Task A_request_that_the_peer_may_have_acted_on_is_not_called_unreceived(bool read, bool reset)
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await ExchangeAsync(stream, peer);
        var ahead = stream.ReadAsync(Buffer).AsTask();
        await stream.WriteAsync("POST / HTTP/1.1\r\n\r\n"u8.ToArray());
        if (read)
        {
            _ = await peer.ReceiveAsync(Buffer);
        }
        else
        {
            _ = await peer.ReceiveAsync(Buffer, SocketFlags.Peek);
        }

        if (reset)
        {
            peer.LingerState = new LingerOption(true, 0);
        }

        peer.Dispose();
        try
        {
            Assert.AreEqual(0, await ahead);
        }
        catch (IOException e)
        {
            Assert.IsNotInstanceOfType<RequestNotReceivedException>(e);
        }
    }

    // Nothing tells whether a new connection's peer is closing or broken.
    [TestMethod]
    public async Task The_first_request_of_a_connection_just_finds_the_end()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        peer.Dispose();
        await stream.WriteAsync("POST / HTTP/1.1\r\n\r\n"u8.ToArray());
        try
        {
            Assert.AreEqual(0, await stream.ReadAsync(Buffer));
        }
        catch (IOException e)
        {
            Assert.IsNotInstanceOfType<RequestNotReceivedException>(e);
        }
    }

    // What an upgraded connection carries is no request, whatever it looks like.
    [TestMethod]
    public async Task A_reset_between_other_bytes_is_no_end()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await ExchangeAsync(stream, peer);
        var ahead = stream.ReadAsync(Buffer).AsTask();
        await stream.WriteAsync(new byte[] { 0x81, 0x80, 0, 0, 0, 0 });
        _ = await peer.ReceiveAsync(Buffer);
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();

        await Assert.ThrowsExactlyAsync<IOException>(() => ahead);
    }

    [TestMethod]
    public async Task Every_byte_arrives_once_and_in_order()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await ExchangeAsync(stream, peer);
            await stream.WriteAsync("no request at all"u8.ToArray());
            await peer.SendAsync("H"u8.ToArray());
            Assert.AreEqual(1, await stream.ReadAsync(Buffer));
            await peer.SendAsync("i there"u8.ToArray());
            var rest = new byte[7];
            await stream.ReadExactlyAsync(rest);
            CollectionAssert.AreEqual("i there"u8.ToArray(), rest);
        }
    }

    [TestMethod]
    public async Task A_read_that_nobody_awaited_yet_keeps_its_result()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            var first = stream.ReadAsync(new byte[10]);
            await peer.SendAsync("1"u8.ToArray());
            Assert.IsTrue(SpinWait.SpinUntil(() => first.IsCompleted, TimeSpan.FromSeconds(10)));
            var second = stream.ReadAsync(new byte[10]);
            await peer.SendAsync("22"u8.ToArray());
            Assert.AreEqual(2, await second);
            Assert.AreEqual(1, await first);
        }
    }

    // After 101 (Switching Protocols) the connection carries another protocol; here one whose text happens to be HTTP.
    [TestMethod]
    public async Task An_upgraded_connection_is_left_alone()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await UpgradeAsync(stream, peer);
        const string Tunneled = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        var sending = stream.WriteAsync(new byte[64_000_000]).AsTask();
        Assert.IsFalse(sending.IsCompleted);

        await peer.SendAsync(System.Text.Encoding.ASCII.GetBytes(Tunneled));
        var received = new byte[Tunneled.Length];
        await stream.ReadExactlyAsync(received);

        Assert.AreEqual(Tunneled, System.Text.Encoding.ASCII.GetString(received));
        Assert.IsFalse(sending.IsCompleted, "The peer has read nothing of what is called sent.");
        peer.Dispose();
    }

    [TestMethod]
    public async Task What_is_written_on_an_upgraded_connection_after_the_peers_end_is_not_dropped()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await UpgradeAsync(stream, peer);
        peer.Shutdown(SocketShutdown.Send);
        Assert.AreEqual(0, await stream.ReadAsync(Buffer));

        await stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        stream.Dispose();

        Assert.AreEqual("GET / HTTP/1.1\r\n\r\n".Length, await peer.ReceiveAsync(Buffer));
    }

    // The upstream has the head of the request, and asked for its body.
    [TestMethod]
    public async Task A_body_that_looks_like_a_request_is_none()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await stream.WriteAsync("POST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n"u8.ToArray());
        _ = await peer.ReceiveAsync(Buffer);
        await peer.SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
        await stream.ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length]);
        var ahead = stream.ReadAsync(Buffer).AsTask();
        peer.Dispose();

        try
        {
            Assert.AreEqual(0, await SendAsync(stream, ahead, "POST is what this text is about."));
        }
        catch (IOException e)
        {
            Assert.IsNotInstanceOfType<RequestNotReceivedException>(e);
        }
    }

    // A handler disposes a connection from whatever thread cancels the request, and may be about to read.
    [TestMethod]
    public async Task A_read_that_fails_at_once_holds_up_no_write()
    {
        using var inner = new StuckStream();
        using var stream = new Http1Stream(inner);
        var ahead = stream.ReadAsync(new byte[100]).AsTask();
        var write = stream.WriteAsync("POST / HTTP/1.1\r\n\r\n"u8.ToArray()).AsTask();
        inner.Reading.SetResult(25);
        Assert.AreEqual(25, await ahead);
        inner.Dispose();
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => stream.ReadAsync(new byte[100]).AsTask());

        inner.Writing.SetException(new IOException("broken off"));

        await Assert.ThrowsExactlyAsync<IOException>(() => write.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private static async Task UpgradeAsync(Http1Stream stream, Socket peer)
    {
        const string Answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tunnel\r\n\r\n";
        await stream.WriteAsync("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tunnel\r\n\r\n"u8.ToArray());
        _ = await peer.ReceiveAsync(Buffer);
        await peer.SendAsync(System.Text.Encoding.ASCII.GetBytes(Answer));
        await stream.ReadExactlyAsync(new byte[Answer.Length]);
    }

    private static async Task<int> SendAsync(Http1Stream stream, Task<int> ahead, string head)
    {
        try
        {
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(head));
        }
        finally
        {
            // The read may be the one that fails; the other one then tells.
            await ahead.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return await ahead is var count && count > 0 ? count : await stream.ReadAsync(Buffer);
    }

    private static async Task ExchangeAsync(Http1Stream stream, Socket peer)
    {
        const string Answer = "HTTP/1.1 204 No Content\r\n\r\n";
        await stream.WriteAsync("POST / HTTP/1.1\r\n\r\n"u8.ToArray());
        _ = await peer.ReceiveAsync(Buffer);
        await peer.SendAsync(System.Text.Encoding.ASCII.GetBytes(Answer));
        var received = new byte[Answer.Length];
        await stream.ReadExactlyAsync(received);
        Assert.AreEqual(Answer, System.Text.Encoding.ASCII.GetString(received));
    }

    /// <summary>Reads and writes wait for the test; once disposed, a read throws before it begins, as a NetworkStream's does.</summary>
    private sealed class StuckStream : DuplexStream
    {
        private bool _disposed;

        public TaskCompletionSource<int> Reading { get; } = new();

        public TaskCompletionSource Writing { get; } = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(Reading.Task);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(Writing.Task);

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        protected override void Dispose(bool disposing)
        {
            _disposed = true;
            base.Dispose(disposing);
        }
    }
}
