using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Diagnostics;

/// <summary>However a request ends, metrics, span and log line say the same.</summary>
[TestClass]
[DoNotParallelize]
public sealed class RequestEndTests
{
    private const string Request = "gen_ai.provider.name=openai headroom.upstream=OpenAI server.address=127.0.0.1 headroom.choice=default http.request.method=POST";

    [TestMethod]
    public async Task A_whole_answer()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "answer"));
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var telemetry = new Telemetry(host, upstream.Address.Port);
        using var content = new StringContent("question");
        using var response = await host.CreateClient().PostAsync("/v1/responses", content);
        await telemetry.NextEndAsync();

        CollectionAssert.AreEqual(
            new[]
            {
                "headroom.active_requests 1 gen_ai.provider.name=openai headroom.upstream=OpenAI",
                $"headroom.request.duration s {Request} http.response.status_code=200",
                $"headroom.request.time_to_first_byte s {Request} http.response.status_code=200",
                $"http.client.request.body.size 8 {Request} http.response.status_code=200",
                $"http.client.response.body.size 6 {Request} http.response.status_code=200",
                "headroom.active_requests -1 gen_ai.provider.name=openai headroom.upstream=OpenAI",
            },
            telemetry.Measured.ToArray());
        var span = Assert.ContainsSingle(telemetry.Spans);
        Assert.AreEqual(ActivityStatusCode.Unset, span.Status);
        Assert.AreEqual("headroom.first_byte", Assert.ContainsSingle(span.Events).Name);
        Assert.Contains("200, first byte after", Line(host, LogLevel.Debug, 1));
        Assert.Contains("8 bytes sent, 6 received.", Line(host, LogLevel.Debug, 1));
    }

    [TestMethod]
    public async Task An_error_of_the_upstream_is_an_answer_too()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(429, "slow down"));
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var telemetry = new Telemetry(host, upstream.Address.Port);
        using var response = await host.CreateClient().PostAsync("/v1/responses", null);
        await telemetry.NextEndAsync();

        Assert.AreEqual(
            $"headroom.request.duration s {Request} http.response.status_code=429 error.type=429", telemetry.Of("headroom.request.duration").Single());
        Assert.IsEmpty(telemetry.Of("headroom.upstream.failures"));
        Assert.AreEqual((ActivityStatusCode.Error, "429"), (telemetry.Spans[0].Status, telemetry.Spans[0].GetTagItem("error.type")));
        Assert.Contains(": 429, ", Line(host, LogLevel.Debug, 1));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_stream_that_the_client_leaves(bool http2)
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
            await exchange.WriteChunkAsync("data: 1\n\n");
            await exchange.WaitForHangUpAsync();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var telemetry = new Telemetry(host, upstream.Address.Port);
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact })
        using (var response = await host.CreateClient(http2).SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[9]).AsTask().WithPatience("the event");
        }

        await telemetry.NextEndAsync();
        Assert.AreEqual(
            $"headroom.request.duration s {Request} http.response.status_code=200 error.type=client_gone", telemetry.Of("headroom.request.duration").Single());
        Assert.AreEqual(
            $"http.client.response.body.size 9 {Request} http.response.status_code=200 error.type=client_gone", telemetry.Of("http.client.response.body.size").Single());
        Assert.IsEmpty(telemetry.Of("headroom.upstream.failures"));
        Assert.AreEqual((ActivityStatusCode.Error, "client_gone"), (telemetry.Spans[0].Status, telemetry.Spans[0].GetTagItem("error.type")));
        Assert.Contains("the client left after", Line(host, LogLevel.Debug, 4));
    }

    [TestMethod]
    public async Task A_client_that_leaves_before_an_answer_got_no_status()
    {
        var arrived = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            arrived.SetResult();
            await exchange.WaitForHangUpAsync();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var telemetry = new Telemetry(host, upstream.Address.Port);
        await using (var client = await RawClient.ConnectAsync(host.Address))
        {
            await client.SendAsync(Gateway.Request("POST", "/v1/responses", "Content-Length: 0"));
            await arrived.Task.WithPatience("the request");
            client.HangUp();
        }

        await telemetry.NextEndAsync();
        Assert.AreEqual($"headroom.request.duration s {Request} error.type=client_gone", telemetry.Of("headroom.request.duration").Single());
    }

    [TestMethod]
    public async Task An_upstream_that_breaks_off()
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync();
            await exchange.WriteChunkAsync("part");
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var telemetry = new Telemetry(host, upstream.Address.Port);
        await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().PostAsync("/v1/responses", null));
        await telemetry.NextEndAsync();

        Assert.AreEqual(
            $"headroom.request.duration s {Request} http.response.status_code=200 error.type=response_ended", telemetry.Of("headroom.request.duration").Single());
        Assert.AreEqual(
            "headroom.upstream.failures 1 gen_ai.provider.name=openai headroom.upstream=OpenAI error.type=response_ended",
            telemetry.Of("headroom.upstream.failures").Single());
        Assert.AreEqual((ActivityStatusCode.Error, "response_ended"), (telemetry.Spans[0].Status, telemetry.Spans[0].GetTagItem("error.type")));
        var entry = host.Logs.Entries.Single(entry => entry.EventId.Name == "Failed");
        Assert.AreEqual((LogLevel.Warning, 3), (entry.Level, entry.EventId.Id));
        Assert.Contains("failed after", entry.Message);
        Assert.Contains("System.Net.Http.HttpIOException", entry.Exception ?? "");
    }

    [TestMethod]
    public async Task An_upstream_that_can_not_be_reached()
    {
        using var closed = new ClosedPort();
        await using var host = await Gateway.ToAsync(closed.Address);
        using var telemetry = new Telemetry(host, closed.Address.Port);
        using var response = await host.CreateClient().PostAsync("/v1/responses", null);
        await telemetry.NextEndAsync();

        Assert.AreEqual(
            $"headroom.request.duration s {Request} http.response.status_code=502 error.type=connection_error", telemetry.Of("headroom.request.duration").Single());
        Assert.IsEmpty(telemetry.Of("headroom.request.time_to_first_byte"));
        Assert.AreEqual(
            "headroom.upstream.failures 1 gen_ai.provider.name=openai headroom.upstream=OpenAI error.type=connection_error",
            telemetry.Of("headroom.upstream.failures").Single());
        Assert.Contains("upstream_unreachable, ConnectionError, ConnectionRefused", Line(host, LogLevel.Warning, 3));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_WebSocket(bool http2)
    {
        await using var upstream = await KestrelUpstream.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var text = await WebSocketClient.ReceiveAsync(socket, context.RequestAborted);
            await socket.SendAsync(Encoding.UTF8.GetBytes(text + "!"), WebSocketMessageType.Text, true, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        await using var host = await Gateway.ToAsync(upstream);
        using var telemetry = new Telemetry(host, upstream.Address.Port);
        using (var client = await WebSocketClient.ConnectAsync(host, http2))
        {
            await client.SendAsync("hello");
            Assert.AreEqual("hello!", await client.ReceiveAsync());
            await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        await telemetry.NextEndAsync();
        var duration = telemetry.Of("headroom.request.duration").Single();
        Assert.Contains($"http.request.method={(http2 ? "CONNECT" : "GET")} http.response.status_code={(http2 ? 200 : 101)}", duration);
        Assert.DoesNotContain("error.type", duration);

        // A masked frame has 6 bytes before its text (RFC 6455, section 5.2), and the close frames follow.
        Assert.AreEqual(11 + 8, Bytes(telemetry, "http.client.request.body.size"));
        Assert.AreEqual(8 + 4, Bytes(telemetry, "http.client.response.body.size"));
        Assert.AreEqual(ActivityStatusCode.Unset, telemetry.Spans[0].Status);
        Assert.Contains("OpenAI (default) to ", Line(host, LogLevel.Debug, 1));
    }

    [TestMethod]
    public async Task A_refusal()
    {
        await using var host = await GatewayHost.StartProxyAsync();
        using var telemetry = new Telemetry(host, 0);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Headers.Add("X-Headroom-Upstream", "http://10.0.0.1");
        using var response = await host.CreateClient().SendAsync(request);
        await telemetry.NextEndAsync();

        CollectionAssert.AreEqual(new[] { "headroom.refusals 1 gen_ai.provider.name=openai error.type=upstream_not_allowed" }, telemetry.Measured.ToArray());
        Assert.IsEmpty(telemetry.Spans);
        Assert.AreEqual("Refused (upstream_not_allowed): http://10.0.0.1: no entry of the allow-list covers it", Line(host, LogLevel.Information, 2));
    }

    [TestMethod]
    [DataRow("deepseek-typo", "there is no upstream 'deepseek-typo'")]
    [DataRow("a-key-that-somebody-put-into-the-wrong-header", "there is no upstream '... (45 characters)'")]
    public async Task The_log_of_a_refusal_names_what_was_meant(string value, string cause)
    {
        await using var host = await GatewayHost.StartProxyAsync();
        using var telemetry = new Telemetry(host, 0);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Headers.Add("X-Headroom-Upstream", value);
        using var response = await host.CreateClient().SendAsync(request);
        Assert.DoesNotContain(value, await response.Content.ReadAsStringAsync());
        await telemetry.NextEndAsync();
        Assert.AreEqual($"Refused (invalid_upstream): {cause}", Line(host, LogLevel.Information, 2));
    }

    [TestMethod]
    public async Task A_name_that_resolves_inside_is_a_refusal_of_a_forwarded_request()
    {
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IHostResolver>(new FakeResolver("10.0.0.1"));
                builder.Configuration.AddSettings([("Headroom:AllowedUpstreams:0", "https://*")]);
                builder.Services.AddHeadroomProxy();
            },
            app => app.MapHeadroomRoutes());
        using var telemetry = new Telemetry(host, 443);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Headers.Add("X-Headroom-Upstream", "https://inside.example");
        using var response = await host.CreateClient().SendAsync(request);
        await telemetry.NextEndAsync();
        await telemetry.NextEndAsync();

        Assert.AreEqual("headroom.refusals 1 gen_ai.provider.name=openai error.type=upstream_not_allowed", telemetry.Of("headroom.refusals").Single());
        Assert.Contains(
            "headroom.upstream=other server.address=other headroom.choice=header http.request.method=POST http.response.status_code=403 error.type=upstream_not_allowed",
            telemetry.Of("headroom.request.duration").Single());
        Assert.Contains("inside.example resolves to 10.0.0.1", Line(host, LogLevel.Warning, 3));
    }

    private static string Line(GatewayHost host, LogLevel level, int id)
    {
        var entry = Assert.ContainsSingle(host.Logs.Entries.Where(
            entry => entry.EventId.Id == id && entry.Category is "Headroom.Routing.Requests" or "Headroom.Routing.Forwarding"));
        Assert.AreEqual(level, entry.Level);
        return entry.Message;
    }

    private static int Bytes(Telemetry telemetry, string instrument) =>
        int.Parse(telemetry.Of(instrument).Single().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
}
