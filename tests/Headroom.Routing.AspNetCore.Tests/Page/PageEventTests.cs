using System.Text.Json.Nodes;
using Headroom.Routing.AspNetCore.Journal;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Page;

/// <summary>What the live page is told of the requests, while they run.</summary>
[TestClass]
public sealed class PageEventTests
{
    [TestMethod]
    public async Task A_row_appears_when_its_request_starts_and_changes_until_it_ends()
    {
        var steps = new SemaphoreSlim(0);
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await steps.WaitAsync();
            await exchange.StartChunkedAsync(201);
            await exchange.WriteChunkAsync("1234");
            await steps.WaitAsync();
            await exchange.WriteChunkAsync("56");
            await steps.WaitAsync();
            await exchange.EndChunksAsync();
        });
        await using var host = await StartAsync(upstream.Address);
        await using var page = await PageWatcher.OpenAsync(host);
        Assert.IsEmpty(page.Rows);

        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync("POST /v1/responses?key=x HTTP/1.1\r\nHost: gateway\r\nContent-Length: 3\r\n\r\nabc");
        var row = await page.RowAsync(row => (long)row["sent"]! == 3);
        Assert.AreEqual(
            ("POST", "/v1/responses", "OpenAI", upstream.Address.GetLeftPart(UriPartial.Authority), "OpenAI", "default"),
            (Text(row, "method"), Text(row, "path"), Text(row, "provider"), Text(row, "upstream"), Text(row, "name"), Text(row, "choice")));
        Assert.AreEqual(("running", null, null), (Text(row, "outcome"), (int?)row["status"], (double?)row["firstByte"]));
        Assert.IsLessThan(TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow - (DateTimeOffset)row["time"]!);
        CollectionAssert.AreEqual(
            new[] { "login", "path", "mount", "provider", "upstream", "join", "policy" }, row["steps"]!.AsArray().Select(step => Text(step!.AsObject(), "name")).ToArray());

        steps.Release();
        await page.RowAsync(row => (long)row["received"]! == 4);
        Assert.AreEqual(("running", 201), (Text(row, "outcome"), (int?)row["status"]));
        var firstByte = (double)row["firstByte"]!;

        steps.Release();
        await page.RowAsync(row => (long)row["received"]! == 6);
        Assert.AreEqual("running", Text(row, "outcome"));

        steps.Release();
        await page.RowAsync("done");
        Assert.AreEqual((201, firstByte, 3L, 6L), ((int?)row["status"], (double)row["firstByte"]!, (long)row["sent"]!, (long)row["received"]!));
        Assert.IsGreaterThanOrEqualTo(firstByte, (double)row["elapsed"]!);
        Assert.HasCount(1, page.Rows);
    }

    [TestMethod]
    [DataRow("/v1/models", "X-Headroom-Upstream: https://not-listed.example/path", 403, "upstream_not_allowed", "https://not-listed.example: no entry of the allow-list covers it")]
    [DataRow("/v1/models", "X-Headroom-Upstream: nobody", 400, "invalid_upstream", "there is no upstream 'nobody'")]
    [DataRow("/v1/models/%2e%2e", "Accept: */*", 400, "invalid_upstream", "The path holds a '.' or '..' segment, plain or encoded; send the path that is meant.")]
    [DataRow("/v1/models", "Origin: https://evil.example", 403, "origin_not_allowed", "Web pages of this origin may not call this gateway. Its operator can list the origin in Headroom:AllowedOrigins.")]
    public async Task A_refusal_is_a_row_with_its_reason(string target, string header, int status, string slug, string reason)
    {
        await using var host = await StartAsync(new Uri("http://127.0.0.1:1"));
        await using var page = await PageWatcher.OpenAsync(host);
        await SendAsync(host, target, header);

        var row = await page.RowAsync("refused");
        Assert.AreEqual((status, slug, reason), ((int)row["status"]!, Text(row, "slug"), Text(row, "reason")));
        Assert.IsNotEmpty(row["steps"]!.AsArray());
    }

    [TestMethod]
    public async Task A_failure_is_a_row_with_its_cause()
    {
        using var closed = new ClosedPort();
        await using var host = await StartAsync(closed.Address);
        await using var page = await PageWatcher.OpenAsync(host);
        await SendAsync(host, "/v1/models");

        var row = await page.RowAsync("failed");
        Assert.AreEqual((502, "upstream_unreachable", "ConnectionError, ConnectionRefused"), ((int)row["status"]!, Text(row, "slug"), Text(row, "reason")));
    }

    [TestMethod]
    public async Task An_upstream_that_breaks_off_and_a_client_that_leaves_are_told_apart()
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync();
            await exchange.WriteChunkAsync("part");
            if (exchange.Request.Target == "/v1/models/a")
            {
                exchange.Abort();
            }
            else
            {
                await exchange.WaitForHangUpAsync();
            }
        });
        await using var host = await StartAsync(upstream.Address);
        await using var page = await PageWatcher.OpenAsync(host);

        await SendAsync(host, "/v1/models/a");
        var row = await page.RowAsync("failed");
        Assert.AreEqual((200, "upstream_unreachable", 4L), ((int)row["status"]!, Text(row, "slug"), (long)row["received"]!));

        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models/b"));
        Assert.AreEqual("part", Octets.Text(await (await client.ReadResponseAsync()).ReadAsync(4)));
        client.HangUp();
        row = await page.RowAsync("client_gone");
        Assert.AreEqual(("/v1/models/b", 200, 4L), (Text(row, "path"), (int)row["status"]!, (long)row["received"]!));
    }

    [TestMethod]
    [DataRow(false, 101)]
    [DataRow(true, 200)]
    public async Task A_WebSocket_is_a_row_as_long_as_it_is_open(bool http2, int status)
    {
        await using var sockets = await KestrelUpstream.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            while (await WebSocketClient.ReceiveAsync(socket, context.RequestAborted) is { } text)
            {
                await socket.SendAsync(Octets.Of(text), System.Net.WebSockets.WebSocketMessageType.Text, true, context.RequestAborted);
            }

            await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
        });
        await using var host = await StartAsync(sockets.Address);
        await using var page = await PageWatcher.OpenAsync(host);
        using var client = await WebSocketClient.ConnectAsync(host, http2);
        await client.SendAsync("hello");
        Assert.AreEqual("hello", await client.ReceiveAsync());

        var row = await page.RowAsync(row => (long)row["received"]! > 0 && (long)row["sent"]! > 0);
        Assert.AreEqual(("running", status, "/v1/realtime"), (Text(row, "outcome"), (int)row["status"]!, Text(row, "path")));
        await client.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, "");
        await page.RowAsync("done");
    }

    [TestMethod]
    public async Task A_page_that_is_opened_later_sees_what_came_before_and_all_pages_see_the_same()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);
        await SendAsync(host, "/v1/models/1");
        await SendAsync(host, "/v1/models/2");
        await using var one = await PageWatcher.OpenAsync(host);
        await using var other = await PageWatcher.OpenAsync(host);
        await SendAsync(host, "/v1/models/3");

        foreach (var page in (PageWatcher[])[one, other])
        {
            await page.RowAsync(row => Text(row, "path") == "/v1/models/3" && Text(row, "outcome") == "done");
            CollectionAssert.AreEqual(new[] { "/v1/models/1", "/v1/models/2", "/v1/models/3" }, page.Rows.Values.Select(row => Text(row, "path")).ToArray());
        }
    }

    [TestMethod]
    public async Task A_page_that_does_not_read_delays_nobody_and_gets_what_is_kept()
    {
        const int Requests = 1000;
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);
        await using var page = await PageWatcher.OpenAsync(host);
        await using var client = await RawClient.ConnectAsync(host.Address);
        for (var i = 1; i <= Requests; i++)
        {
            await client.SendAsync(Gateway.Request("GET", $"/v1/models/{i}"));
            await (await client.ReadResponseAsync()).ReadToEndAsync();
        }

        await page.RowAsync(row => (long)row["id"]! == Requests && Text(row, "outcome") == "done");
        await using var late = await PageWatcher.OpenAsync(host);
        Assert.HasCount(RequestJournal.Kept, late.Rows);
        Assert.AreEqual(Requests - RequestJournal.Kept + 1, late.Rows.Keys.First());
    }

    [TestMethod]
    public async Task No_more_pages_watch_than_may()
    {
        await using var host = await StartAsync(new Uri("http://127.0.0.1:1"));
        var journal = host.Services.GetRequiredService<RequestJournal>();
        var watchers = Enumerable.Range(0, RequestJournal.MaxWatchers).Select(_ => journal.TryWatch(out var watcher) ? watcher : throw new AssertFailedException()).ToArray();

        using var client = host.CreateClient();
        client.DefaultRequestHeaders.Host = "localhost";
        using var refused = await client.GetAsync("/headroom/events");
        Assert.AreEqual(503, (int)refused.StatusCode);

        watchers[0].Dispose();
        await using (await PageWatcher.OpenAsync(host))
        {
        }

        foreach (var watcher in watchers.Skip(1))
        {
            watcher.Dispose();
        }
    }

    [TestMethod]
    public async Task Nothing_is_kept_until_a_page_is_mapped()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        await SendAsync(host, "/v1/models");

        Assert.IsTrue(host.Services.GetRequiredService<RequestJournal>().TryWatch(out var watcher));
        using (watcher)
        {
            Assert.IsEmpty(watcher.Read(out _));
        }
    }

    [TestMethod]
    public async Task The_events_end_when_the_app_stops()
    {
        PageWatcher page;
        await using (var host = await StartAsync(new Uri("http://127.0.0.1:1")))
        {
            page = await PageWatcher.OpenAsync(host);
        }

        await using (page)
        {
            Assert.AreEqual(StreamEnd.Clean, await page.EndAsync());
        }
    }

    [TestMethod]
    public async Task What_the_page_is_told_holds_no_secret()
    {
        const string Secret = "S3CRET";
        using var closed = new ClosedPort();
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, Secret, ("Set-Cookie", Secret), ("x-secret", Secret)));
        var settings = new[] { ("Headroom:Upstreams:local", $"{upstream.Address}base"), ("Headroom:Upstreams:down", closed.Address.ToString()), ("Headroom:AllowedUpstreams:0", "http://127.0.0.1:*") };
        await using var host = await StartAsync(upstream.Address, [.. settings, ("Headroom:Providers:Gemini:BaseAddress", upstream.Address.ToString())]);
        string[] secrets =
        [
            $"Authorization: Bearer {Secret}", $"x-api-key: {Secret}", $"x-goog-api-key: {Secret}", $"Cookie: a={Secret}", $"baggage: a={Secret}",
            $"tracestate: a={Secret}", $"Referer: http://localhost/{Secret}", $"User-Agent: {Secret}", $"X-Headroom-Tag-A: {Secret}",
        ];
        string[][] requests =
        [
            ["/v1/models?key=S3CRET"],
            ["/v1/models/%2e%2e?key=S3CRET"],
            ["/v1/responses?key=S3CRET", "X-Headroom-Upstream: local"],
            ["/v1/responses?key=S3CRET", "X-Headroom-Upstream: down"],
            ["/v1/responses?key=S3CRET", "X-Headroom-Upstream: https://user:S3CRET@host.example"],
            ["/v1/responses?key=S3CRET", "X-Headroom-Upstream: https://host.example/S3CRET?key=S3CRET#S3CRET"],
            ["/v1/responses?key=S3CRET", "X-Headroom-Upstream: https://host.example/S3CRET"],
            ["/v1/responses?key=S3CRET", $"X-Headroom-Upstream: {upstream.Address}S3CRET"],
            ["/v1/responses?key=S3CRET", $"X-Headroom-Upstream: sk-S3CRET-and-as-long-as-a-key-of-a-provider"],
            ["/v1/responses?key=S3CRET", $"x-headroom-base-url: {upstream.Address}S3CRET", "x-headroom-original-path: /S3CRET?key=S3CRET"],
            ["/v1/responses?key=S3CRET", $"x-headroom-base-url: {upstream.Address}", "x-headroom-original-path: /S3CRET?key=S3CRET"],
            ["/v1/responses?key=S3CRET", $"x-headroom-base-url: {upstream.Address}", "x-headroom-original-path: /S3CRET/responses"],
            ["/v1/models?S3CRET"],
            ["/upstream/S3CRET?key=S3CRET"],
            ["/upstream/S3CRET?key=S3CRET", $"X-Headroom-Upstream: {upstream.Address}"],
            ["/upstream/S3CRET?key=S3CRET", "X-Headroom-Upstream: local"],
            ["/upstream/S3CRET/%2e%2e?key=S3CRET", "X-Headroom-Upstream: local"],
            ["/upstream/S3CRET?key=S3CRET", "X-Headroom-Upstream: down"],
            ["/@local/S3CRET?key=S3CRET"],
            ["/@local/base/S3CRET?key=S3CRET"],
            ["/@local/S3CRET/%2e%2e?key=S3CRET"],
            ["/@down/S3CRET?key=S3CRET"],
            ["/@nobody/S3CRET?key=S3CRET"],
            ["/@local/S3CRET?key=S3CRET", "X-Headroom-Upstream: local"],
        ];
        foreach (var request in requests)
        {
            await SendAsync(host, request[0], [.. secrets, .. request[1..]]);
        }

        await using var page = await PageWatcher.OpenAsync(host);
        Assert.HasCount(requests.Length, page.Rows);
        Assert.DoesNotContain(Secret, page.Told);
        CollectionAssert.IsSubsetOf(new[] { "done", "refused", "failed" }, page.Rows.Values.Select(row => Text(row, "outcome")).ToArray());
        CollectionAssert.IsSubsetOf(new[] { "/v1/models", "/upstream/...", "/@local/..." }, page.Rows.Values.Select(row => Text(row, "path")).ToArray());
    }

    private static Task<GatewayHost> StartAsync(Uri upstream, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder => builder.AddProxyTo(upstream, settings),
        app =>
        {
            app.MapHeadroomRoutes();
            app.MapHeadroomPage();
        });

    private static async Task SendAsync(GatewayHost host, string target, params string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", target, ["Connection: close", .. headers]));
        await client.WaitForEndAsync();
    }

    private static string? Text(JsonObject row, string name) => (string?)row[name];
}
