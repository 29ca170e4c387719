using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>A gateway that holds a key of its own gives it to the upstreams that its operator configured, and to nobody that a caller named.</summary>
[TestClass]
public sealed class HostSecretTests
{
    [TestMethod]
    public async Task A_key_for_configured_targets_goes_to_no_target_that_the_caller_named()
    {
        await using var upstream = RawUpstream.Start();
        var origin = upstream.Address.OriginalString.TrimEnd('/');
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddTransient<OperatorKeyHandler>();
                builder.Services
                    .AddHeadroomProxy(options =>
                    {
                        options.Providers["OpenAI"] = new ProviderOptions { BaseAddress = origin };
                        options.Upstreams["same"] = origin;
                        options.AllowedUpstreams.Add(origin);
                    })
                    .ConfigureHttpClients(client => client.AddHttpMessageHandler<OperatorKeyHandler>());
            },
            app => app.MapHeadroomRoutes());

        Assert.AreEqual(OperatorKeyHandler.Value, await KeySentAsync(host, upstream, "/v1/models"));
        Assert.AreEqual(OperatorKeyHandler.Value, await KeySentAsync(host, upstream, "/v1/models", " "));

        foreach (var value in (string[])[origin, origin + "/", origin + "/v1", origin + "/evil", origin.ToUpperInvariant(), "same", "SAME"])
        {
            Assert.IsNull(await KeySentAsync(host, upstream, "/v1/models", value), value);
            Assert.IsNull(await KeySentAsync(host, upstream, "/upstream/v1/models", value), value);
        }

        Assert.IsNull(await KeySentAsync(host, upstream, "/@same/v1/models"));
        Assert.IsNull(await KeySentAsync(host, upstream, "/v1/models", origin, ("x-headroom-original-path", "/else/models")));
        Assert.IsNull(await KeySentAsync(host, upstream, "/v1/models", null, ("x-headroom-base-url", origin)));
    }

    private static async Task<string?> KeySentAsync(
        GatewayHost host, RawUpstream upstream, string path, string? value = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, text) in value is null ? headers : [("X-Headroom-Upstream", value), .. headers])
        {
            request.Headers.TryAddWithoutValidation(name, text);
        }

        using var response = await host.CreateClient().SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await upstream.NextRequestAsync()).Values("X-Operator-Key").SingleOrDefault();
    }

    private sealed class OperatorKeyHandler : DelegatingHandler
    {
        public const string Value = "operator-secret";

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target) && target.Choice == UpstreamChoice.Configured)
            {
                request.Headers.Add("X-Operator-Key", Value);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
