using System.Security.Claims;
using System.Text.Encodings.Web;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>A token for the gateway lets its holder in and never leaves, wherever a client had to put it.</summary>
[TestClass]
public sealed class GatewayTokenTests
{
    private const string Token = "t0ken-of-a";

    [TestMethod]
    [DataRow("X-Headroom-Proxy-Token: t0ken-of-a", "a")]
    [DataRow("x-headroom-proxy-token:   t0ken-of-b ", "b")]
    [DataRow("X-Headroom-Proxy-Token: t0ken-of-c", "")]
    [DataRow("X-Headroom-Proxy-Token: T0KEN-of-a", "")]
    [DataRow("X-Headroom-Proxy-Token: t0ken-of-a, t0ken-of-b", "")]
    [DataRow("X-Headroom-Proxy-Token: Bearer t0ken-of-a", "")]
    [DataRow("X-Headroom-Proxy-Token: x|Authorization: Bearer t0ken-of-a", "")]
    [DataRow("", "")]
    [DataRow("Authorization: Bearer t0ken-of-a", "a")]
    [DataRow("Authorization: bearer  t0ken-of-a", "a")]
    [DataRow("Authorization: Bearer sk-1, Bearer t0ken-of-a", "a")]
    [DataRow("Authorization: Bearer t0ken-of-ab", "")]
    [DataRow("x-api-key: t0ken-of-a", "a")]
    [DataRow("api-key: t0ken-of-a", "a")]
    [DataRow("x-goog-api-key: t0ken-of-a", "a")]
    [DataRow("X-Other: t0ken-of-a", "")]
    [DataRow("Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.t0ken-of-a", "a")]
    [DataRow("?key=t0ken-of-a", "a")]
    [DataRow("?x=t0ken-of-a", "")]
    public async Task Its_holder_is_the_user(string headers, string user)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);
        var query = headers.StartsWith('?') ? headers : "";

        var answer = await Answer.OfAsync(host.Address, "POST", "/@keyed/v1/models" + query, query.Length > 0 ? [] : headers.Split('|', StringSplitOptions.RemoveEmptyEntries));

        Assert.AreEqual(user.Length > 0 ? 200 : 401, answer.Status, answer.Body);
        Assert.AreEqual(user.Length > 0 ? user : null, host.Logs.Entries.Where(entry => entry.Category == "user").Select(entry => entry.Message).SingleOrDefault());
        Assert.AreEqual(user.Length > 0 ? 1 : 0, upstream.Requests.Count);
        Assert.IsTrue(upstream.Requests.All(request => !request.HeadText.Contains("t0ken", StringComparison.OrdinalIgnoreCase)));
    }

    [TestMethod]
    public async Task A_401_names_a_scheme()
    {
        await using var host = await StartAsync(new Uri("http://127.0.0.1:1"));
        using var answer = await host.CreateClient().GetAsync(new Uri("/@keyed/v1/models", UriKind.Relative));

        Assert.AreEqual("Bearer", answer.Headers.WwwAuthenticate.Single().ToString());
    }

    public static IEnumerable<object[]> Misplaced =>
    [
        ["/@plain/v1/models", "Authorization: Bearer t0ken-of-a"],
        ["/@plain/v1/models", "Authorization: t0ken-of-a"],
        ["/@plain/v1/models", "Authorization: Bearer sk-1, Bearer t0ken-of-a"],
        ["/@plain/v1/models", "X-Headroom-Proxy-Token: t0ken-of-b|Authorization: Bearer t0ken-of-a"],
        ["/@plain/v1/models", "x-api-key: t0ken-of-a"],
        ["/@plain/v1/models", "api-key: t0ken-of-a"],
        ["/@plain/v1/models", "x-goog-api-key: t0ken-of-a"],
        ["/@plain/v1/models?key=t0ken-of-a", "X: y"],
        ["/@plain/v1/models?a=1&%6bey=t0ken%2Dof-a", "X: y"],
        ["/@plain/v1/models", "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.t0ken-of-a"],
        ["/v1/chat/completions", "Authorization: Bearer t0ken-of-a"],
        ["/v1/models", "X-Headroom-Upstream: {keyed}|Authorization: Bearer t0ken-of-a"],
        ["/upstream/v1/models", "X-Headroom-Upstream: {keyed}|Authorization: Bearer t0ken-of-a"],
        ["/@plain/v1/models", "Authorization: Bearer e30.e30.jwt-of-the-app"],
        ["/@plain/v1/models?access_token=e30.e30.jwt-of-the-app", "X-Headroom-Proxy-Token: e30.e30.jwt-of-the-app"],
        ["/@plain/v1/models", "X-Headroom-Proxy-Token: e30.e30.jwt-of-the-app|x-api-key: e30.e30.jwt-of-the-app"],
    ];

    [TestMethod]
    [DynamicData(nameof(Misplaced))]
    public async Task Where_the_gateway_has_no_key_one_in_its_place_is_refused(string target, string headers)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address, anonymous: true);
        var sent = headers.Replace("{keyed}", upstream.Address.OriginalString, StringComparison.Ordinal).Split('|');

        await using (var client = await RawClient.ConnectAsync(host.Address))
        {
            await client.SendAsync(Gateway.Request("POST", target, sent));
            var answer = await client.ReadResponseAsync();
            Assert.AreEqual((403, "gateway_token", "false"), (answer.Status, answer.Values("X-Headroom-Error").Single(), answer.Values("x-should-retry").Single()));
            Assert.Contains("X-Headroom-Proxy-Token", (await answer.ReadToEndAsync()).Text);
        }

        await using (var client = await RawClient.ConnectAsync(host.Address))
        {
            await client.SendAsync(Gateway.Request(
                "GET", target, [.. sent, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]));
            Assert.AreEqual(403, (await client.ReadResponseAsync()).Status);
        }

        Assert.AreEqual(0, await upstream.CountConnectionsAsync());
        Assert.IsEmpty(host.Logs.Mentioning(Token).Where(entry => !entry.Category.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("/@plain/v1/models", "X-Headroom-Proxy-Token: t0ken-of-a|Authorization: Bearer sk-callers", "sk-callers")]
    [DataRow("/@plain/v1/models", "X-Headroom-Proxy-Token: e30.e30.jwt-of-the-app|Authorization: Bearer sk-callers", "sk-callers")]
    [DataRow("/@keyed/v1/models", "Authorization: Bearer e30.e30.jwt-of-the-app", "operators")]
    public async Task In_its_own_place_it_lets_through_and_stays_here(string target, string headers, string key)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);

        var answer = await Answer.OfAsync(host.Address, "POST", target, headers.Split('|'));

        Assert.AreEqual(200, answer.Status, answer.Body);
        var request = await upstream.NextRequestAsync();
        Assert.AreEqual($"Bearer {key}", request.Values("Authorization").Single());
        Assert.DoesNotContain("t0ken", request.HeadText);
        Assert.DoesNotContain("jwt-of-the-app", request.HeadText);
    }

    [TestMethod]
    public async Task A_change_of_the_tokens_counts_at_once()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "POST", "/@plain/v1/models", "X-Headroom-Proxy-Token: t0ken-of-a")).Status);

        configuration["Headroom:Tokens:a"] = "t0ken-of-c";
        configuration.Reload();

        Assert.AreEqual(401, (await Answer.OfAsync(host.Address, "POST", "/@plain/v1/models", "X-Headroom-Proxy-Token: t0ken-of-a")).Status);
        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "POST", "/@plain/v1/models", "X-Headroom-Proxy-Token: t0ken-of-c")).Status);
    }

    [TestMethod]
    public async Task The_scheme_needs_the_proxys_services()
    {
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication().AddHeadroomTokens();
                builder.Services.AddAuthorization();
            },
            app => app.MapGet("/", () => "hello").RequireAuthorization());

        Assert.AreEqual(500, (await Answer.OfAsync(host.Address, "GET", "/")).Status);
        Assert.IsNotEmpty(host.Logs.Mentioning("call builder.Services.AddHeadroomProxy()"));
    }

    private static Task<GatewayHost> StartAsync(Uri upstream, bool anonymous = false) => GatewayHost.StartAsync(
        builder =>
        {
            builder.AddProxyTo(
                upstream,
                ("Headroom:Tokens:a", Token), ("Headroom:Tokens:b", "t0ken-of-b"),
                ("Headroom:Upstreams:plain", upstream.OriginalString), ("Headroom:AllowedUpstreams:0", upstream.OriginalString),
                ("Headroom:Upstreams:keyed:BaseAddress", upstream.OriginalString), ("Headroom:Upstreams:keyed:Headers:Authorization", "Bearer operators"));
            builder.Services.AddAuthentication("either")
                .AddPolicyScheme("either", null, options => options.ForwardDefaultSelector = context =>
                    context.Request.Headers.Any(header => header.Value.ToString().Contains("jwt", StringComparison.Ordinal)) ? "saving" : HeadroomTokenDefaults.AuthenticationScheme)
                .AddHeadroomTokens()
                .AddScheme<AuthenticationSchemeOptions, SavingHandler>("saving", null);
            builder.Services.AddAuthorization();
        },
        app =>
        {
            app.Use((context, next) =>
            {
                if (context.User.Identity is { IsAuthenticated: true, Name: { } name } && context.User.HasClaim("name", name))
                {
                    app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("user").Log(LogLevel.Information, default, name, null, (state, _) => state);
                }

                return next(context);
            });
            var routes = app.MapHeadroomRoutes();
            if (!anonymous)
            {
                routes.RequireAuthorization();
            }
        });

    /// <summary>Accepts a token as the JWT bearer scheme does, and saves it as that does.</summary>
    private sealed class SavingHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var ticket = new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity("saving")), Scheme.Name);
            ticket.Properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = "e30.e30.jwt-of-the-app" }]);
            return Task.FromResult(AuthenticateResult.Success(ticket));
        }
    }
}
