using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Support;

[TestClass]
public sealed class KestrelSupportTests
{
    [TestMethod]
    public async Task Kestrel_upstream_speaks_http2_and_only_its_own_certificate_options_trust_it()
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(context => context.Response.WriteAsync(context.Request.Protocol));
        using var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = upstream.TrustOptions() };
        using var trusting = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20 };
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { DefaultRequestVersion = HttpVersion.Version20 };

        Assert.AreEqual("HTTP/2", await trusting.GetStringAsync(upstream.Address));
        Assert.AreEqual("HTTP/2", await trusting.GetStringAsync(new UriBuilder(upstream.Address) { Host = "localhost" }.Uri));
        var refusal = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => stranger.GetStringAsync(upstream.Address));
        Assert.AreEqual(HttpRequestError.SecureConnectionError, refusal.HttpRequestError);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Kestrel_upstream_takes_web_sockets(bool http2)
    {
        RequestDelegate echo = async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[16];
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        };
        await using var upstream = http2 ? await KestrelUpstream.StartHttp2Async(echo) : await KestrelUpstream.StartAsync(echo);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new ClientWebSocket();
        if (http2)
        {
            handler.SslOptions = upstream.TrustOptions();
            client.Options.HttpVersion = HttpVersion.Version20;
            client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        using var invoker = new HttpMessageInvoker(handler);
        using var patience = new CancellationTokenSource(Patience.Limit);
        var address = new UriBuilder(upstream.Address) { Scheme = http2 ? "wss" : "ws" };
        await client.ConnectAsync(address.Uri, invoker, patience.Token);
        await client.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        var answer = new byte[16];
        var result = await client.ReceiveAsync(answer, patience.Token);
        CollectionAssert.AreEqual("ping"u8.ToArray(), answer[..result.Count]);
    }

    [TestMethod]
    public async Task Host_keeps_all_that_is_logged_and_its_clients_speak_their_version()
    {
        var state = new Dictionary<string, object?> { ["Uri"] = new Uri("http://in-the-state/"), ["List"] = new[] { "in-a-list" } };
        var scope = new Dictionary<string, object?> { ["Where"] = "in-a-scope" };
        var exception = new InvalidOperationException("outer", new InvalidOperationException("in-the-exception"));
        var host = await GatewayHost.StartAsync(_ => { }, app => app.Run(context =>
        {
            var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Some.Category");
            using (logger.BeginScope(scope))
            {
                logger.Log(LogLevel.Trace, new EventId(7, "in-the-event"), state, exception, (_, _) => "in-the-message");
            }

            return context.Response.WriteAsync(context.Request.Protocol);
        }));
        await using (host)
        {
            Assert.AreEqual("HTTP/1.1", await host.CreateClient().GetStringAsync("/?in-the-query"));
            Assert.AreEqual("HTTP/2", await host.CreateHttp2Client().GetStringAsync("/"));
        }

        foreach (var place in new[] { "in-a-scope", "in-the-event", "in-the-state", "in-a-list", "in-the-exception", "in-the-message" })
        {
            var entry = host.Logs.Mentioning(place)[0];
            Assert.AreEqual("Some.Category", entry.Category, place);
            Assert.AreEqual(LogLevel.Trace, entry.Level, place);
        }

        // The framework's own lines are there as well: what a test finds nowhere was really not logged.
        Assert.Contains(entry => entry.Category == "Microsoft.AspNetCore.Hosting.Diagnostics", host.Logs.Mentioning("in-the-query"));
    }

    [TestMethod]
    public async Task Host_is_a_proxy_in_one_call()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Providers:OpenAI:BaseAddress", upstream.Address.ToString()));
        using var response = await host.CreateClient().GetAsync("/v1/models/a%2Fb?x=%3A");
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual("/v1/models/a%2Fb?x=%3A", (await upstream.NextRequestAsync()).Target);
    }

    [TestMethod]
    public async Task Host_cuts_a_request_that_still_hangs()
    {
        var entered = new TaskCompletionSource();
        var host = await GatewayHost.StartAsync(_ => { }, app => app.Run(async context =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }));
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await entered.Task;
        await host.DisposeAsync().AsTask().WaitAsync(Patience.Limit);
        await client.WaitForEndAsync();
    }
}
