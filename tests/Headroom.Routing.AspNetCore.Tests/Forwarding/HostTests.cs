using System.Diagnostics;
using System.Text;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>What a host does for its own clients and endpoints does not reach the proxy, unless the host means it to.</summary>
[TestClass]
public sealed class HostTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Resilience_that_a_host_gives_all_its_clients_does_not_resend_requests(bool before)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(503, "overloaded", ("x-request-id", "r1")));
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                if (before)
                {
                    AddDefaults(builder.Services);
                }

                builder.AddProxyTo(upstream.Address);
                if (!before)
                {
                    AddDefaults(builder.Services);
                }
            },
            app => app.MapHeadroomRoutes());
        using var content = new StringContent("{}");
        using var response = await host.CreateClient().PostAsync("/v1/responses", content);
        Assert.AreEqual(503, (int)response.StatusCode);
        Assert.AreEqual("overloaded", await response.Content.ReadAsStringAsync());
        Assert.AreEqual("r1", response.Headers.NonValidated["x-request-id"].ToString());
        Assert.DoesNotContain("X-Defaults", Assert.ContainsSingle(upstream.Requests).HeadText);
    }

    [TestMethod]
    public async Task Handlers_that_a_host_gives_the_proxys_clients_do_run()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(
            upstream.Address, proxy => proxy.ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Marking("X-Meant"))));
        using var response = await host.CreateClient().GetAsync("/v1/models");
        CollectionAssert.AreEqual(new[] { "Operator" }, (await upstream.NextRequestAsync()).Values("X-Meant").ToArray());
    }

    [TestMethod]
    public async Task Connections_outlive_the_time_that_a_host_gives_its_handlers()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.AddProxyTo(upstream.Address);
                builder.Services.ConfigureHttpClientDefaults(client => client.SetHandlerLifetime(TimeSpan.FromSeconds(1)));
            },
            app => app.MapHeadroomRoutes());
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1.2);)
        {
            using var response = await host.CreateClient().GetAsync("/v1/models");
            Assert.AreEqual(200, (int)response.StatusCode);
            await Task.Delay(100);
        }

        Assert.AreEqual(1, await upstream.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task A_hosts_time_limit_for_requests_cuts_neither_uploads_nor_streams()
    {
        var limit = TimeSpan.FromMilliseconds(100);
        var limited = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
            await limited.Task;
            await exchange.WriteChunkAsync("data: late\n\n");
            await exchange.EndChunksAsync();
        });
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy { Timeout = limit });
                builder.AddProxyTo(upstream.Address);
            },
            app =>
            {
                app.UseRequestTimeouts();
                app.MapGet("/limited", (HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted));
                app.MapHeadroomRoutes();
            });
        await using var client = await RawClient.ConnectAsync(host.Address);
        var digest = await BodyTests.UploadAsync(client, 64 * 1024 * 1024);
        var response = await client.ReadResponseAsync();

        // The host's own endpoint runs into the limit meanwhile: it is in force, and over.
        using var cut = await host.CreateClient().GetAsync("/limited");
        Assert.AreEqual(504, (int)cut.StatusCode);
        limited.SetResult();
        Assert.AreEqual("data: late\n\n", await response.ReadEventAsync());
        Assert.AreEqual(StreamEnd.Clean, (await response.ReadToEndAsync()).End);
        Assert.AreEqual(digest, (await upstream.NextRequestAsync()).Body.Sha256);
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public async Task A_body_limit_that_the_host_puts_on_the_routes_counts(bool http2, bool onOuterGroup)
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            if ((await exchange.ReadBodyAsync()).End == StreamEnd.Clean)
            {
                await exchange.RespondAsync();
            }
        });
        await using var host = await GatewayHost.StartAsync(
            builder => builder.AddProxyTo(upstream.Address),
            app =>
            {
                if (onOuterGroup)
                {
                    app.MapGroup("").WithMetadata(new Limit(1000)).MapHeadroomRoutes();
                }
                else
                {
                    app.MapHeadroomRoutes().WithMetadata(new Limit(1000));
                }
            });
        foreach (var declared in new[] { true, false })
        {
            using var client = host.CreateClient(http2);
            client.DefaultRequestHeaders.TransferEncodingChunked = !declared && !http2;
            // Of a chunked body, the server counts the framing too.
            using var within = new StringContent(new string('x', 900));
            using var passed = await client.PostAsync("/v1/responses", within);
            Assert.AreEqual(200, (int)passed.StatusCode);

            using HttpContent content = declared ? new StringContent(new string('x', 1001)) : new StreamContent(new Unsized(Encoding.ASCII.GetBytes(new string('x', 1001))));
            using var response = await client.PostAsync("/v1/responses", content);
            await ErrorAssert.IsAsync(response, 413, "request_too_large", retry: false);
        }
    }

    private static void AddDefaults(IServiceCollection services) => services.ConfigureHttpClientDefaults(client =>
    {
        client.AddStandardResilienceHandler();
        client.AddHttpMessageHandler(() => new Marking("X-Defaults"));
    });

    private sealed class Marking(string name) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add(name, request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target) ? target.Trust.ToString() : "none");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Limit(long size) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => size;
    }

    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
