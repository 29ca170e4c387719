using System.Net;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>Keys and callers are renewed while requests run: each request ends with what it began with, and none is lost.</summary>
[TestClass]
public sealed class OperatorKeyReloadTests
{
    private const int Streams = 20;

    [TestMethod]
    public async Task Running_streams_are_not_lost_and_new_requests_have_the_new_key()
    {
        var reloaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
            await exchange.WriteChunkAsync($"data: {exchange.Request.Values("Authorization").Single()}\n\n");
            await reloaded.Task;
            await exchange.WriteChunkAsync("data: end\n\n");
            await exchange.EndChunksAsync();
        });
        await using var sockets = await KestrelUpstream.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            while (await WebSocketClient.ReceiveAsync(socket, context.RequestAborted) is not null)
            {
                await socket.SendAsync(
                    System.Text.Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), System.Net.WebSockets.WebSocketMessageType.Text, true, context.RequestAborted);
            }
        });
        await using var host = await StartAsync(upstream.Address, ("Headroom:Upstreams:sockets", sockets.Address.ToString()), ("Headroom:Upstreams:sockets:Headers:Authorization", "key 1"));
        var client = host.CreateClient();
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => OpenAsync(client)));
        using var socket = await WebSocketClient.ConnectAsync(host, http2: false, "/@sockets/ws");
        await socket.SendAsync("?");
        Assert.AreEqual("key 1", await socket.ReceiveAsync());

        Reload(host, ("Headroom:Upstreams:keyed:Headers:Authorization", "key 2"), ("Headroom:Upstreams:sockets:Headers:Authorization", "key 2"), ("Headroom:Upstreams:sockets:AllowCallers:0", "nobody"));
        var late = await OpenAsync(client);
        reloaded.SetResult();

        foreach (var (reader, first) in streams)
        {
            Assert.AreEqual("data: key 1", first);
            Assert.AreEqual("\ndata: end\n\n", await reader.ReadToEndAsync());
        }

        Assert.AreEqual("data: key 2", late.First);
        Assert.AreEqual("\ndata: end\n\n", await late.Reader.ReadToEndAsync());
        await socket.SendAsync("?");
        Assert.AreEqual("key 1", await socket.ReceiveAsync());
        Assert.AreEqual(403, (await Answer.OfAsync(host.Address, "GET", "/@sockets/ws")).Status);
    }

    [TestMethod]
    public async Task A_request_that_is_under_way_keeps_the_key_that_it_began_with()
    {
        var holding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddSettings(Keyed(upstream.Address));
                builder.Services.AddHeadroomProxy().ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Holding(holding, release.Task)));
            },
            app => app.MapHeadroomRoutes());

        var answer = Answer.OfAsync(host.Address, "GET", "/@keyed/v1/models");
        await holding.Task.WithPatience("the request to be held");
        Reload(host, ("Headroom:Upstreams:keyed:BaseAddress", "http://127.0.0.1:1"), ("Headroom:Upstreams:keyed:Headers:Authorization", "key 2"));
        release.SetResult();

        Assert.AreEqual(200, (await answer).Status);
        Assert.AreEqual("key 1", (await upstream.NextRequestAsync()).Values("Authorization").Single());
    }

    [TestMethod]
    public async Task Reloads_without_end_lose_no_request_and_mix_no_keys()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(
            200, string.Join(' ', exchange.Request.Values("Authorization").Concat(exchange.Request.Values("api-key")))));
        await using var host = await StartAsync(upstream.Address, ("Headroom:Upstreams:keyed:Headers:api-key", "1"));
        var client = host.CreateClient();
        using var done = new CancellationTokenSource();
        var reloading = Task.Run(() =>
        {
            for (var i = 2; !done.IsCancellationRequested; i++)
            {
                Reload(host, ("Headroom:Upstreams:keyed:Headers:Authorization", $"key {i}"), ("Headroom:Upstreams:keyed:Headers:api-key", $"{i}"));
            }
        });

        for (var i = 0; i < 200; i++)
        {
            var body = await client.GetStringAsync(new Uri("/@keyed/v1/models", UriKind.Relative));
            Assert.MatchesRegex(@"^key (\d+) \1$", body);
        }

        await done.CancelAsync();
        await reloading;
    }

    [TestMethod]
    public async Task An_invalid_key_is_refused_and_the_last_valid_one_stays()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);

        Reload(host, ("Headroom:Upstreams:keyed:Headers:Authorization", "S3CRET\n"));
        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "GET", "/@keyed/v1/models")).Status);

        Assert.AreEqual("key 1", (await upstream.NextRequestAsync()).Values("Authorization").Single());
        Assert.IsEmpty(host.Logs.Mentioning("S3CRET"));
    }

    [TestMethod]
    public async Task A_provider_is_switched_off_and_on_at_once()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartProxyAsync(
            ("Headroom:Providers:Anthropic:BaseAddress", upstream.Address.ToString()), ("Headroom:Providers:Gemini:BaseAddress", upstream.Address.ToString()), ("Headroom:Providers:Gemini:Enabled", "false"));
        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "POST", "/v1/messages")).Status);
        Assert.AreEqual(404, (await Answer.OfAsync(host.Address, "POST", "/v1beta/models/m:generateContent")).Status);

        Reload(host, ("Headroom:Providers:Anthropic:Enabled", "false"), ("Headroom:Providers:Gemini:Enabled", "true"));

        var refused = await Answer.OfAsync(host.Address, "POST", "/v1/messages");
        Assert.AreEqual(404, refused.Status);
        Assert.Contains("Headroom:Providers:Anthropic:Enabled", refused.Body);
        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "POST", "/v1beta/models/m:generateContent")).Status);
        Assert.HasCount(2, upstream.Requests);
    }

    private static async Task<(StreamReader Reader, string First)> OpenAsync(HttpClient client)
    {
        var response = await client.GetAsync(new Uri("/@keyed/v1/models", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        return (reader, (await reader.ReadLineAsync())!);
    }

    private static (string Key, string Value)[] Keyed(Uri upstream) =>
        [("Headroom:Upstreams:keyed:BaseAddress", upstream.ToString()), ("Headroom:Upstreams:keyed:Headers:Authorization", "key 1")];

    private static Task<GatewayHost> StartAsync(Uri upstream, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings([.. Keyed(upstream), .. settings]);
            builder.Services.AddAuthorization(options => options.AddPolicy("nobody", policy => policy.RequireAssertion(_ => false)));
            builder.Services.AddHeadroomProxy();
        },
        app => app.MapHeadroomRoutes());

    private static void Reload(GatewayHost host, params (string Key, string Value)[] settings)
    {
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        foreach (var (key, value) in settings)
        {
            configuration[key] = value;
        }

        configuration.Reload();
    }

    private sealed class Holding(TaskCompletionSource holding, Task release) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            holding.TrySetResult();
            await release;
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
