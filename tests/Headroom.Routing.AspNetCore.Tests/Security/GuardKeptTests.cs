using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using RichardSzalay.MockHttp;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The guard is a handler deep in a client that the host may configure: it may be tuned, and it may not get lost.</summary>
[TestClass]
public sealed class GuardKeptTests
{
    [TestMethod]
    [DataRow("replaced")]
    [DataRow("plain sockets")]
    [DataRow("redirects")]
    [DataRow("cookies")]
    [DataRow("proxy on the public client")]
    [DataRow("connect callback")]
    [DataRow("no connect callback")]
    [DataRow("a later action")]
    [DataRow("a filter")]
    public async Task A_host_that_loses_the_guard_does_not_start(string how)
    {
        var thrown = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => GatewayHost.StartAsync(
            builder =>
            {
                var proxy = builder.Services.AddHeadroomProxy();
                switch (how)
                {
                    case "a later action":
                        builder.Services.PostConfigureAll<HttpClientFactoryOptions>(options =>
                            options.HttpMessageHandlerBuilderActions.Add(chain => chain.PrimaryHandler = new SocketsHttpHandler()));
                        break;
                    case "a filter":
                        builder.Services.AddSingleton<IHttpMessageHandlerBuilderFilter, ReplacingFilter>();
                        break;
                    default:
                        proxy.ConfigureHttpClients(client => Lose(client, how));
                        break;
                }
            },
            app => app.MapHeadroomRoutes()));
        Assert.Contains("lost its guard", thrown.Message);
        Assert.Contains("ConfigureHttpClients()", thrown.Message);
    }

    [TestMethod]
    public async Task Defaults_for_all_of_the_hosts_clients_do_not_touch_it()
    {
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.ConfigureHttpClientDefaults(client => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()));
                builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("http://*"));
            },
            app => app.MapHeadroomRoutes());
        Assert.AreEqual(HttpStatusCode.Forbidden, (await GetAsync(host, "http://127.0.0.1")).StatusCode);
    }

    [TestMethod]
    public async Task Timeouts_and_TLS_may_be_tuned()
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(_ => Task.CompletedTask);
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services
                .AddHeadroomProxy(options => options.AllowedUpstreams.Add(upstream.Address.OriginalString))
                .ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) =>
                {
                    handler.SslOptions = upstream.TrustOptions();
                    handler.PooledConnectionLifetime = TimeSpan.FromMinutes(1);
                    handler.ConnectTimeout = TimeSpan.FromSeconds(3);
                    handler.MaxConnectionsPerServer = 8;
                })),
            app => app.MapHeadroomRoutes());
        Assert.AreEqual(HttpStatusCode.OK, (await GetAsync(host, upstream.Address.OriginalString)).StatusCode);
    }

    [TestMethod]
    public async Task A_gateways_own_test_answers_in_the_place_of_the_network()
    {
        using var network = new MockHttpMessageHandler();
        network.Expect(HttpMethod.Get, "https://api.deepseek.com/v1/models").Respond("application/json", """{"data":[]}""");
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(network),
            app => app.MapHeadroomRoutes());

        using var response = await GetAsync(host, "https://api.deepseek.com/v1");
        Assert.AreEqual("""{"data":[]}""", await response.Content.ReadAsStringAsync());
        network.VerifyNoOutstandingExpectation();

        // The policy is as it was; only addresses that names resolve to are not judged.
        Assert.AreEqual(HttpStatusCode.Forbidden, (await GetAsync(host, "http://127.0.0.1")).StatusCode);
    }

    private static void Lose(IHttpClientBuilder client, string how)
    {
        var isPublic = client.Name.StartsWith("Headroom.Public", StringComparison.Ordinal);
        _ = how switch
        {
            "replaced" => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()),
            "plain sockets" => client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }),
            "redirects" => client.UseSocketsHttpHandler((handler, _) => handler.AllowAutoRedirect = true),
            "cookies" => client.UseSocketsHttpHandler((handler, _) => handler.UseCookies = true),
            "proxy on the public client" => client.UseSocketsHttpHandler((handler, _) => handler.UseProxy |= isPublic),
            "connect callback" => client.UseSocketsHttpHandler((handler, _) => handler.ConnectCallback = (_, _) => throw new NotSupportedException()),
            "no connect callback" => client.UseSocketsHttpHandler((handler, _) => handler.ConnectCallback = null),
            _ => throw new ArgumentOutOfRangeException(nameof(how), how, null),
        };
    }

    private static async Task<HttpResponseMessage> GetAsync(GatewayHost host, string upstream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("X-Headroom-Upstream", upstream);
        return await host.CreateClient().SendAsync(request);
    }

    // Acts after every configuration of the client itself.
    private sealed class ReplacingFilter : IHttpMessageHandlerBuilderFilter
    {
        public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => chain =>
        {
            next(chain);
            chain.PrimaryHandler = new SocketsHttpHandler();
        };
    }
}
