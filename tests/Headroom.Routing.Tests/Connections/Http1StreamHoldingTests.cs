using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

/// <summary>What the HTTP handler writes, and in how many pieces it leaves.</summary>
[TestClass]
public sealed class Http1StreamHoldingTests
{
    private const string Head = "POST / HTTP/1.1\r\nContent-Length: 6000\r\n\r\n";

    [TestMethod]
    [DataRow(100, false)]
    [DataRow(4_096, false)]
    [DataRow(4_096, true)]
    [DataRow(8_192, false)]
    [DataRow(12_000, true)]
    [DataRow(16_000, false)]
    public async Task A_short_request_leaves_in_one_write(int length, bool tls)
    {
        await using var upstream = new CountingUpstream(tls);
        using var client = upstream.CreateClient();
        for (var i = 0; i < 3; i++)
        {
            var body = RandomNumberGenerator.GetBytes(length);
            CollectionAssert.AreEqual(body, await upstream.PostAsync(client, new Pieces(body)));
            Assert.HasCount(i + 1, upstream.Writes);
        }
    }

    [TestMethod]
    public async Task A_short_body_in_several_pieces_leaves_in_one_write()
    {
        await using var upstream = new CountingUpstream();
        using var client = upstream.CreateClient();
        var body = RandomNumberGenerator.GetBytes(14_000);
        CollectionAssert.AreEqual(body, await upstream.PostAsync(client, new Pieces(body[..3_000], body[3_000..4_500], body[4_500..9_000], body[9_000..])));
        Assert.HasCount(1, upstream.Writes);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Bodies_of_every_length_arrive_whole(bool declared)
    {
        await using var upstream = new CountingUpstream();
        using var client = upstream.CreateClient();
        int[] lengths = [0, 1, .. Enumerable.Range(3_700, 500), .. Around(8_192), .. Around(16_384), .. Around(65_536), 100_000];
        foreach (var length in lengths)
        {
            var body = RandomNumberGenerator.GetBytes(length);
            var cut = length * 2 / 3;
            Assert.IsTrue((await upstream.PostAsync(client, new Pieces(body) { IsDeclared = declared })).SequenceEqual(body), $"{length} bytes");
            Assert.IsTrue((await upstream.PostAsync(client, new Pieces(body[..cut], body[cut..]) { IsDeclared = declared })).SequenceEqual(body), $"{length} bytes in two");
        }

        static IEnumerable<int> Around(int length) => [.. Enumerable.Range(length - 120, 122), length - 4_096, length + 4_096];
    }

    [TestMethod]
    public async Task The_beginning_of_a_short_body_waits_for_the_rest()
    {
        await using var upstream = new CountingUpstream();
        using var client = upstream.CreateClient();
        var body = RandomNumberGenerator.GetBytes(6_000);
        var content = new Pieces(body[..5_000], body[5_000..]) { BetweenPieces = () => Assert.IsEmpty(upstream.Writes) };
        CollectionAssert.AreEqual(body, await upstream.PostAsync(client, content));
        Assert.HasCount(1, upstream.Writes);
    }

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(100, true)]
    [DataRow(5_000, true)]
    [DataRow(5_000, false)]
    public async Task What_is_flushed_leaves_at_once(int before, bool declared)
    {
        await using var upstream = new CountingUpstream();
        using var client = upstream.CreateClient();
        var body = RandomNumberGenerator.GetBytes(9_000);
        var content = new Pieces(body[..before], body[before..])
        {
            IsDeclared = declared,
            FlushesBetween = true,
            BetweenPieces = () => Assert.IsGreaterThan(before, upstream.Writes.Sum()),
        };
        CollectionAssert.AreEqual(body, await upstream.PostAsync(client, content));
    }

    [TestMethod]
    [DataRow(6_000, false)] // of no known length
    [DataRow(20_000, true)] // too long
    public async Task The_beginning_of_any_other_body_waits_for_nothing(int length, bool declared)
    {
        await using var upstream = new CountingUpstream();
        using var client = upstream.CreateClient();
        var body = RandomNumberGenerator.GetBytes(length);
        var content = new Pieces(body[..5_000], body[5_000..]) { IsDeclared = declared, BetweenPieces = () => Assert.IsNotEmpty(upstream.Writes) };
        CollectionAssert.AreEqual(body, await upstream.PostAsync(client, content));
    }

    [TestMethod]
    public async Task A_head_that_asks_first_leaves_at_once_even_if_it_fills_the_buffer()
    {
        await using var upstream = new CountingUpstream();
        using var client = upstream.CreateClient();
        client.DefaultRequestHeaders.ExpectContinue = true;
        for (var padding = 3_950; padding < 4_050; padding++)
        {
            upstream.Writes.Clear();
            var body = RandomNumberGenerator.GetBytes(6_000);
            client.DefaultRequestHeaders.Remove("X-Padding");
            client.DefaultRequestHeaders.Add("X-Padding", new string('x', padding));
            CollectionAssert.AreEqual(body, await upstream.PostAsync(client, new Pieces(body)));
            Assert.HasCount(2, upstream.Writes);
            Assert.AreEqual(body.Length, upstream.Writes[1]);
        }
    }

    // The handler disposes the connection.
    [TestMethod]
    public async Task Nothing_is_sent_of_a_request_that_ends_while_it_is_held()
    {
        await using var upstream = new CountingUpstream();
        using var client = upstream.CreateClient();
        var body = new byte[6_000];
        var content = new Pieces(body[..5_000], body[5_000..]) { BetweenPieces = () => throw new InvalidOperationException("The client went away.") };
        await Assert.ThrowsAsync<Exception>(() => upstream.PostAsync(client, content));
        Assert.IsEmpty(upstream.Writes);
        Assert.AreEqual(1, upstream.Disposals);
    }

    [TestMethod]
    [DataRow("POST", false)]
    [DataRow("POST", true)]
    [DataRow("PUT", false)]
    [DataRow("PUT", true)]
    [OSCondition(OperatingSystems.Linux)] // other systems don't tell what was acknowledged
    public async Task The_end_of_a_used_connection_is_noticed_while_a_request_is_held(string method, bool reset)
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await ExchangeAsync(stream, peer);
        var ahead = stream.ReadAsync(new byte[100]).AsTask();
        var (first, rest) = Request(method);
        await stream.WriteAsync(first);
        if (reset)
        {
            peer.LingerState = new LingerOption(true, 0);
        }

        peer.Dispose();
        await ahead.ContinueWith(_ => { }, TaskScheduler.Default);
        if (method == "PUT")
        {
            await stream.WriteAsync(rest);
            Assert.AreEqual(0, await ahead);
            Assert.AreEqual(0, await stream.ReadAsync(new byte[100]));
            return;
        }

        await Assert.ThrowsExactlyAsync<RequestNotReceivedException>(() => stream.WriteAsync(rest).AsTask());
        Assert.IsTrue(ahead.IsFaulted);
    }

    // No HTTP, so the connection carries something else from here on.
    [TestMethod]
    public async Task What_is_held_comes_first_whatever_the_peer_says_meanwhile()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        await ExchangeAsync(stream, peer);
        var ahead = stream.ReadAsync(new byte[100]).AsTask();
        var (first, rest) = Request("POST");
        await stream.WriteAsync(first);
        await peer.SendAsync("?"u8.ToArray());
        Assert.AreEqual(1, await ahead);
        await stream.WriteAsync(rest);
        await ReceiveAsync(peer, [.. first, .. rest]);
    }

    [TestMethod]
    public async Task What_is_held_leaves_before_another_kind_of_write()
    {
        var (stream, peer) = await Http1Pair.ConnectAsync();
        var (first, rest) = Request("POST");
        await stream.WriteAsync(first);
        stream.Write(rest);
        await ReceiveAsync(peer, [.. first, .. rest]);
        await AnswerAsync(stream, peer);

        await stream.WriteAsync(first);
        await stream.FlushAsync();
        await ReceiveAsync(peer, first);
        await stream.WriteAsync(rest);
        await ReceiveAsync(peer, rest);
        await AnswerAsync(stream, peer);

        await stream.WriteAsync(first);
        stream.Flush();
        await ReceiveAsync(peer, first);

        // More than was declared, and more than is ever held.
        using var canceled = new CancellationTokenSource();
        await AnswerAsync(stream, peer);
        await stream.WriteAsync(first);
        var more = RandomNumberGenerator.GetBytes(50_000);
        await stream.WriteAsync(more, canceled.Token);
        await ReceiveAsync(peer, [.. first, .. more]);
    }

    [TestMethod]
    public async Task A_refusal_is_heard_while_what_was_held_is_sent()
    {
        using var inner = new StalledStream();
        using var stream = new Http1Stream(inner);
        var (first, rest) = Request("POST");
        await stream.WriteAsync(first).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.IsNull(inner.Written);
        var write = stream.WriteAsync(rest).AsTask();
        CollectionAssert.AreEqual((byte[])[.. first, .. rest], inner.Written);
        Assert.IsFalse(write.IsCompleted);

        inner.Answer.SetResult("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        await write.WaitAsync(TimeSpan.FromSeconds(10));

        var answer = new byte[200];
        var count = await stream.ReadAsync(answer);
        Assert.StartsWith("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n", Encoding.ASCII.GetString(answer, 0, count));
    }

    private static (byte[] First, byte[] Second) Request(string method)
    {
        byte[] all = [.. Encoding.ASCII.GetBytes(Head.Replace("POST", method, StringComparison.Ordinal)), .. RandomNumberGenerator.GetBytes(6_000)];
        return (all[..4_096], all[4_096..]);
    }

    private static async Task ExchangeAsync(Http1Stream stream, Socket peer)
    {
        await stream.WriteAsync("POST / HTTP/1.1\r\n\r\n"u8.ToArray());
        await ReceiveAsync(peer, "POST / HTTP/1.1\r\n\r\n"u8.ToArray());
        await AnswerAsync(stream, peer);
    }

    private static async Task AnswerAsync(Http1Stream stream, Socket peer)
    {
        var answer = "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray();
        await peer.SendAsync(answer);
        await stream.ReadExactlyAsync(new byte[answer.Length]);
    }

    private static async Task ReceiveAsync(Socket peer, byte[] expected)
    {
        var received = new byte[expected.Length];
        for (var count = 0; count < received.Length;)
        {
            count += await peer.ReceiveAsync(received.AsMemory(count)).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        }

        CollectionAssert.AreEqual(expected, received);
        Assert.AreEqual(0, peer.Available);
    }

    /// <summary>A write ends only when it is stopped, as to a peer that reads nothing.</summary>
    private sealed class StalledStream : DuplexStream
    {
        public byte[]? Written { get; private set; }

        public TaskCompletionSource<byte[]> Answer { get; } = new();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var answer = await Answer.Task;
            answer.CopyTo(buffer);
            return answer.Length;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written = buffer.ToArray();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();
    }
}
