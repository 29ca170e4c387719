using System.Diagnostics;
using System.Net.Sockets;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>The raw sockets and the case files: where a defect of the support itself would make other tests pass or fail for nothing.</summary>
[TestClass]
public sealed class SupportTests
{
    [TestMethod]
    public async Task Upstream_records_a_head_to_the_byte()
    {
        const string Head = "POST /a%2Fb c?q=%3A HTTP/1.1\r\nHost: x\r\nX-Two:  1\r\nOther: é\r\nx-two: 2\r\nX-Two:\r\n\r\n";
        await using var upstream = RawUpstream.Start();
        await using var client = await RawClient.ConnectAsync(upstream.Address);
        await client.SendAsync(Head);
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        var request = await upstream.NextRequestAsync();
        Assert.AreEqual(Head, request.HeadText);
        Assert.AreEqual("POST", request.Method);
        Assert.AreEqual("/a%2Fb c?q=%3A", request.Target);
        CollectionAssert.AreEqual(
            new[] { ("Host", "x"), ("X-Two", "1"), ("Other", "é"), ("x-two", "2"), ("X-Two", "") },
            request.Headers.ToArray());
        CollectionAssert.AreEqual(new[] { "1", "2", "" }, request.Values("X-TWO").ToArray());
        Assert.AreEqual(0, request.Body.Length);
    }

    [TestMethod]
    public async Task Upstream_takes_the_chunks_off_a_body_and_serves_the_connection_again()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(body: exchange.Request.Body.Text));
        await using var client = await RawClient.ConnectAsync(upstream.Address);
        await client.SendAsync("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab");
        await client.SendAsync("c\r\nA;x=y\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nPUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\nok");

        Assert.AreEqual("abc0123456789", (await (await client.ReadResponseAsync()).ReadToEndAsync()).Text);
        Assert.AreEqual("ok", (await (await client.ReadResponseAsync()).ReadToEndAsync()).Text);
        var body = (await upstream.NextRequestAsync()).Body;
        CollectionAssert.AreEqual(new[] { "X-Sum: 1" }, body.Trailers.ToArray());
        Assert.AreEqual(RawBody.Digest("abc0123456789"u8), body.Sha256);
        Assert.AreEqual(1, await upstream.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task A_large_body_is_known_by_its_digest()
    {
        var sent = new byte[9 * 1024 * 1024];
        new Random(1).NextBytes(sent);
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, sent));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new ByteArrayContent(sent);
        using var response = await client.PostAsync(upstream.Address, content);

        CollectionAssert.AreEqual(sent, await response.Content.ReadAsByteArrayAsync());
        var body = (await upstream.NextRequestAsync()).Body;
        Assert.AreEqual(sent.Length, body.Length);
        Assert.AreEqual(RawBody.Digest(sent), body.Sha256);
        Assert.ThrowsExactly<InvalidOperationException>(() => body.Bytes);
    }

    [TestMethod]
    public async Task Upstream_counts_connections_that_never_said_a_word()
    {
        await using var upstream = RawUpstream.Start();
        Assert.AreEqual(0, await upstream.CountConnectionsAsync());

        await using var silent = await RawClient.ConnectAsync(upstream.Address);
        await using var gone = await RawClient.ConnectAsync(upstream.Address);
        gone.HangUp();
        Assert.AreEqual(2, await upstream.CountConnectionsAsync());
        Assert.AreEqual(2, await upstream.CountConnectionsAsync());
    }

    [TestMethod]
    [DataRow("Content-Length: 4\r\n\r\nfour", false, nameof(StreamEnd.Clean))]
    [DataRow("Content-Length: 5\r\n\r\nfour", false, nameof(StreamEnd.Truncated))]
    [DataRow("Content-Length: 5\r\n\r\nfour", true, nameof(StreamEnd.Reset))]
    [DataRow("Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n", false, nameof(StreamEnd.Clean))]
    [DataRow("Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n", false, nameof(StreamEnd.Truncated))]
    [DataRow("Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n", false, nameof(StreamEnd.Truncated))]
    [DataRow("Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n", true, nameof(StreamEnd.Reset))]
    [DataRow("X: y\r\n\r\nfour", false, nameof(StreamEnd.Clean))]
    [DataRow("X: y\r\n\r\nfour", true, nameof(StreamEnd.Reset))]
    public async Task Client_tells_an_abort_from_a_clean_end(string answer, bool abort, string end)
    {
        var read = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\n" + answer);
            if (abort)
            {
                await read.Task;
                exchange.Abort();
            }
            else
            {
                exchange.Close();
            }
        });
        await using var client = await RawClient.ConnectAsync(upstream.Address);
        await client.SendAsync("GET / HTTP/1.1\r\n\r\n");
        var response = await client.ReadResponseAsync();
        var first = await response.ReadAsync(3);
        read.SetResult();
        var rest = await response.ReadToEndAsync();

        CollectionAssert.AreEqual("fou"u8.ToArray(), first);
        Assert.AreEqual("r", rest.Text);
        Assert.AreEqual(end, rest.End.ToString());
        Assert.AreEqual(abort ? StreamEnd.Reset : StreamEnd.Clean, await client.WaitForEndAsync());
    }

    [TestMethod]
    public async Task Events_are_read_one_by_one_and_a_hang_up_is_seen_at_once()
    {
        var hungUp = new TaskCompletionSource<(StreamEnd End, long Ticks)>();
        var next = new SemaphoreSlim(1);
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(headers: ("Content-Type", "text/event-stream"));
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync();
                await exchange.WriteChunkAsync($"data: {i}\n");
                await exchange.WriteChunkAsync("\n");
            }

            hungUp.SetResult((await exchange.WaitForHangUpAsync(), Stopwatch.GetTimestamp()));
        });
        await using var client = await RawClient.ConnectAsync(upstream.Address);
        await client.SendAsync("GET / HTTP/1.1\r\n\r\n");
        var response = await client.ReadResponseAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.AreEqual($"data: {i}\n\n", await response.ReadEventAsync());
            next.Release();
        }

        Assert.IsFalse(hungUp.Task.IsCompleted);
        var before = Stopwatch.GetTimestamp();
        client.HangUp();
        (var end, var after) = await Patience.For(hungUp.Task, "the upstream to see the hang-up");
        Assert.AreEqual(StreamEnd.Reset, end);
        Assert.IsLessThan(5000, Stopwatch.GetElapsedTime(before, after).TotalMilliseconds);
    }

    [TestMethod]
    public async Task A_handler_on_the_head_answers_before_the_body_comes()
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            Assert.IsFalse(exchange.Request.HasBody);
            await exchange.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await exchange.RespondAsync(body: (await exchange.ReadBodyAsync()).Text);
        });
        await using var client = await RawClient.ConnectAsync(upstream.Address);
        await client.SendAsync("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        Assert.AreEqual(100, (await client.ReadResponseAsync()).Status);
        await client.SendAsync("body");
        Assert.AreEqual("body", (await (await client.ReadResponseAsync()).ReadToEndAsync()).Text);
    }

    [TestMethod]
    public async Task An_upload_that_is_broken_off_reaches_no_handler_and_is_recorded_as_such()
    {
        await using var upstream = RawUpstream.Start(_ => throw new InvalidOperationException("The request is not complete."));
        await using var client = await RawClient.ConnectAsync(upstream.Address);
        await client.SendAsync("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nfour");
        client.FinishSending();
        Assert.AreEqual(StreamEnd.Truncated, (await upstream.NextRequestAsync()).Body.End);
    }

    [TestMethod]
    public async Task A_fault_of_a_handler_comes_out_and_a_waiting_handler_does_not_hold_up_the_end()
    {
        var entered = new TaskCompletionSource();
        var upstream = RawUpstream.Start(async exchange =>
        {
            if (exchange.Request.Target == "/fault")
            {
                throw new NotSupportedException();
            }

            entered.SetResult();
            await new TaskCompletionSource().Task;
        });
        await using var faulty = await RawClient.ConnectAsync(upstream.Address);
        await faulty.SendAsync("GET /fault HTTP/1.1\r\n\r\n");
        Assert.AreEqual(StreamEnd.Reset, await faulty.WaitForEndAsync());

        await using var waiting = await RawClient.ConnectAsync(upstream.Address);
        await waiting.SendAsync("GET /wait HTTP/1.1\r\n\r\n");
        await entered.Task;
        await Assert.ThrowsExactlyAsync<NotSupportedException>(async () => await upstream.DisposeAsync().AsTask().WaitAsync(Patience.Limit));
    }

    [TestMethod]
    public async Task A_closed_port_refuses()
    {
        using var closed = new ClosedPort();
        var refusal = await Assert.ThrowsExactlyAsync<SocketException>(() => RawClient.ConnectAsync(closed.Address));
        Assert.AreEqual(SocketError.ConnectionRefused, refusal.SocketErrorCode);
    }

    [TestMethod]
    public void Case_files_keep_blanks_and_empty_cells()
    {
        var values = CaseFile.Read("override-values.tsv");
        CollectionAssert.AreEqual(new[] { "value", "result", "normalized" }, values.Columns.ToArray());
        CollectionAssert.AreEqual(new object[] { " ", "none", "" }, values.Select("value", "result", "normalized").First());
        Assert.Contains(row => row["value"] == "  https://api.deepseek.com/v1  ", values.Rows);

        var parsed = CaseFile.Parse("made up", "a\tb\n é\t\n\t \n");
        CollectionAssert.AreEqual(new[] { " é", "" }, parsed.Rows.Select(row => row["a"]).ToArray());
        CollectionAssert.AreEqual(new[] { "", " " }, parsed.Rows.Select(row => row["b"]).ToArray());
        Assert.ThrowsExactly<FormatException>(() => CaseFile.Parse("made up", "a\tb\nx\n"));
        Assert.ThrowsExactly<InvalidOperationException>(() => parsed.Where(row => row["a"] == "x"));
    }

    [TestMethod]
    public void Case_files_split_headers()
    {
        CollectionAssert.AreEqual(
            new[] { ("x-api-key", "k"), ("anthropic-version", "2023-06-01") },
            CaseFile.Headers("x-api-key: k; anthropic-version: 2023-06-01").ToArray());
        Assert.IsEmpty(CaseFile.Headers(""));
    }
}
