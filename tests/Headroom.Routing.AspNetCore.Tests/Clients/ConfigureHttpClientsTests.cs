using System.Collections.Concurrent;
using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Tests.Clients;

/// <summary>The host's own DelegatingHandlers on the way to the upstream.</summary>
[TestClass]
public sealed class ConfigureHttpClientsTests
{
    [TestMethod]
    public async Task A_handler_runs_on_every_forwarded_request_and_learns_what_was_decided()
    {
        await using var upstream = RawUpstream.Start();
        var seen = new ConcurrentQueue<Seen>();
        await using var host = await StartAsync(upstream, proxy => proxy.ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Watching(seen))));
        foreach (var (target, headers, choice) in new[]
        {
            ("/v1/models", "", UpstreamChoice.Configured),
            ("/@local/models", "", UpstreamChoice.Named),
            ("/v1/models", $"X-Headroom-Upstream: {upstream.Address}", UpstreamChoice.Override),
            ("/upstream/x", $"x-headroom-base-url: {upstream.Address}", UpstreamChoice.Override),
        })
        {
            Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "GET", target, [.. headers.Length > 0 ? [headers] : Array.Empty<string>(), "X-HEADROOM-Mode: a", "x-headroom-mode: b"])).Status);

            Assert.IsTrue(seen.TryDequeue(out var request), target);
            Assert.AreEqual(choice, request.Target.Choice);
            Assert.AreEqual(upstream.Address.GetLeftPart(UriPartial.Authority), request.Target.Origin);
            Assert.AreEqual(request.Url, request.Target.Uri);
            Assert.AreEqual(new StringValues(["a", "b"]), request.Control["x-headroom-MODE"]);
            Assert.HasCount(headers.Length > 0 ? 2 : 1, request.Control);
            Assert.DoesNotContain(name => HeadroomHeaders.IsControl(name), request.Headers);
            Assert.DoesNotContain("x-headroom", (await upstream.NextRequestAsync()).HeadText, StringComparison.OrdinalIgnoreCase);
        }

        Assert.IsEmpty(seen);
    }

    [TestMethod]
    public async Task A_request_without_control_headers_has_none_of_them()
    {
        await using var upstream = RawUpstream.Start();
        var seen = new ConcurrentQueue<Seen>();
        await using var host = await StartAsync(upstream, proxy => proxy.ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Watching(seen))));

        await Answer.OfAsync(host.Address, "POST", "/v1/chat/completions");

        Assert.IsEmpty(seen.Single().Control);
        Assert.AreEqual("OpenAI", seen.Single().Target.Provider?.Name);
    }

    [TestMethod]
    public async Task A_control_header_that_a_handler_adds_does_not_leave()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream, proxy => proxy.ConfigureHttpClients(client => client
            .AddHttpMessageHandler(() => new Adding("X-Headroom-Session-Id", "7"))
            .AddHttpMessageHandler(() => new Adding("x-added", "yes"))));

        await Answer.OfAsync(host.Address, "GET", "/v1/models");

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("headroom", request.HeadText, StringComparison.OrdinalIgnoreCase);
        Assert.AreEqual("yes", request.Values("x-added").Single());
    }

    [TestMethod]
    public async Task Control_headers_go_however_they_are_spelled()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream, _ => { });

        await Answer.OfAsync(host.Address, "POST", "/v1/chat/completions", "x-headroom-: empty", "X-HEADROOM-TAG-A: 1", "X-Headroom-Proxy-Token: s", "x-headroomy: stays");

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("x-headroom-", request.HeadText, StringComparison.OrdinalIgnoreCase);
        Assert.AreEqual("stays", request.Values("x-headroomy").Single());
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task What_the_host_adds_to_all_of_its_clients_does_not_run(bool before)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(503, "busy"));
        var seen = new ConcurrentQueue<Seen>();
        void AddDefaults(IServiceCollection services) => services.ConfigureHttpClientDefaults(client =>
        {
            client.AddHttpMessageHandler(() => new Watching(seen));
            client.AddHttpMessageHandler(() => new Adding("x-default", "yes"));
            client.AddStandardResilienceHandler();
        });
        await using var host = await StartAsync(
            upstream,
            proxy =>
            {
                if (!before)
                {
                    AddDefaults(proxy.Services);
                }
            },
            services =>
            {
                if (before)
                {
                    AddDefaults(services);
                }
            });

        var answer = await Answer.OfAsync(host.Address, "GET", "/v1/models");

        Assert.AreEqual((503, "busy"), (answer.Status, answer.Body));
        Assert.IsEmpty(seen);
        Assert.IsEmpty(upstream.Requests.Single().Values("x-default"));
    }

    [TestMethod]
    public async Task The_hosts_own_clients_keep_their_defaults()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(
            upstream, _ => { }, services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new Adding("x-default", "yes"))));

        using var response = await host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("mine").GetAsync(upstream.Address);

        Assert.AreEqual("yes", (await upstream.NextRequestAsync()).Values("x-default").Single());
    }

    [TestMethod]
    public async Task A_handler_may_answer_in_the_upstreams_place()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream, proxy => proxy.ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Answering())));

        var answer = await Answer.OfAsync(host.Address, "GET", "/v1/models");

        Assert.AreEqual((418, "cached"), (answer.Status, answer.Body));
        Assert.AreEqual(0, await upstream.CountConnectionsAsync());
    }

    private static Task<GatewayHost> StartAsync(RawUpstream upstream, Action<HeadroomProxyBuilder> configure, Action<IServiceCollection>? first = null) =>
        GatewayHost.StartAsync(
            builder =>
            {
                first?.Invoke(builder.Services);
                builder.Configuration.AddInMemoryCollection(
                [
                    KeyValuePair.Create("Headroom:Providers:OpenAI:BaseAddress", (string?)upstream.Address.ToString()),
                    KeyValuePair.Create("Headroom:Upstreams:local", (string?)upstream.Address.ToString()),
                ]);
                configure(builder.Services.AddHeadroomProxy());
            },
            app => app.MapHeadroomRoutes());

    private sealed record Seen(Uri? Url, UpstreamTarget Target, IReadOnlyDictionary<string, StringValues> Control, string[] Headers);

    private sealed class Watching(ConcurrentQueue<Seen> seen) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.IsTrue(request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target));
            Assert.IsTrue(request.Options.TryGetValue(HeadroomRequestOptions.ControlHeaders, out var control));
            seen.Enqueue(new Seen(request.RequestUri, target, control, [.. request.Headers.NonValidated.Select(header => header.Key)]));
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Adding(string name, string value) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add(name, value);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Answering : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage((HttpStatusCode)418) { Content = new StringContent("cached") });
    }
}
