using System.Security.Claims;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>A key that is bound to policies serves those whom one of them lets, and nobody else, whatever else they send.</summary>
[TestClass]
public sealed class AllowCallersTests
{
    [TestMethod]
    [DataRow("staff", "/v1/chat/completions", "", 200)]
    [DataRow("staff", "/@keyed/v1/models", "", 200)]
    [DataRow("root", "/@keyed/v1/models", "", 200)]
    [DataRow("guest", "/v1/chat/completions", "", 403)]
    [DataRow("guest", "/@keyed/v1/models", "", 403)]
    [DataRow("guest", "/upstream/v1/models", "X-Headroom-Upstream: keyed", 403)]
    [DataRow("", "/v1/models", "x-headroom-base-url: keyed", 403)]
    [DataRow("guest", "/@free/v1/models", "", 200)]
    [DataRow("guest", "/v1/models", "X-Headroom-Upstream: {url}", 200)]
    public async Task Only_they_get_through(string user, string path, string header, int status)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);
        string[] headers = ["X-User: " + user, header.Length > 0 ? header.Replace("{url}", upstream.Address.OriginalString, StringComparison.Ordinal) : "X: y", "Authorization: Bearer callers"];

        Assert.AreEqual(status, (await Answer.OfAsync(host.Address, "POST", path, headers)).Status);
        Assert.AreEqual(status, await UpgradeAsync(host, path, headers));

        Assert.AreEqual(status == 200 ? 2 : 0, upstream.Requests.Count);
        Assert.AreEqual(status == 200 ? 1 : 0, Math.Min(1, await upstream.CountConnectionsAsync()));
    }

    [TestMethod]
    public async Task The_others_are_told_what_everybody_is_told_and_the_log_has_the_cause()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);

        var refused = await Answer.OfAsync(host.Address, "POST", "/v1/chat/completions", "X-User: guest");
        var unlisted = await Answer.OfAsync(host.Address, "POST", "/v1/chat/completions", "X-User: guest", "X-Headroom-Upstream: https://unlisted.example");

        Assert.AreEqual(unlisted, refused);
        Assert.HasCount(1, host.Logs.Mentioning("satisfies none of AllowCallers: staff"));
    }

    [TestMethod]
    public async Task The_policies_judge_the_target()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);

        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "POST", "/@keyed/v1/models", "X-User: guest", "X-Only: keyed")).Status);
        Assert.AreEqual(403, (await Answer.OfAsync(host.Address, "POST", "/v1/models", "X-User: guest", "X-Only: keyed")).Status);
    }

    [TestMethod]
    public async Task A_policy_that_throws_lets_nobody_through()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);

        var answer = await Answer.OfAsync(host.Address, "POST", "/@keyed/v1/models", "X-User: broken");

        Assert.AreEqual(500, answer.Status);
        Assert.Contains("gateway_error", answer.Body);
        Assert.AreEqual(0, await upstream.CountConnectionsAsync());
    }

    [TestMethod]
    [DataRow(true, "there is no authorization policy 'staf'")]
    [DataRow(false, "AddAuthorization()")]
    public async Task A_policy_that_the_app_does_not_have_stops_the_start(bool authorization, string told)
    {
        var failure = await Assert.ThrowsExactlyAsync<OptionsValidationException>(() => GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddSettings(
                    ("Headroom:Upstreams:keyed", "http://127.0.0.1:1"), ("Headroom:Upstreams:keyed:Headers:api-key", "S3CRET"), ("Headroom:Upstreams:keyed:AllowCallers:0", "staf"));
                builder.Services.AddHeadroomProxy();
                if (authorization)
                {
                    builder.Services.AddAuthorization(options => options.AddPolicy("staff", policy => policy.RequireAuthenticatedUser()));
                }
            },
            app => app.MapHeadroomRoutes()));

        Assert.StartsWith("Headroom:Upstreams:keyed:AllowCallers:0: ", failure.Failures.Single());
        Assert.Contains(told, failure.Message);
        Assert.DoesNotContain("S3CRET", failure.ToString());
    }

    private static async Task<int> UpgradeAsync(GatewayHost host, string path, string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "GET", path, [.. headers, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]));
        return (await client.ReadResponseAsync()).Status;
    }

    private static Task<GatewayHost> StartAsync(Uri upstream) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Services.AddAuthorization(options =>
            {
                options.AddPolicy("staff", policy => policy.RequireUserName("staff"));
                options.AddPolicy("named", policy => policy.RequireAssertion(context => context.User.Identity!.Name switch
                {
                    "root" => true,
                    "broken" => throw new InvalidOperationException("the directory is closed"),
                    _ => context.User.HasClaim("only", ((UpstreamTarget)context.Resource!).Name!),
                }));
            });
            builder.Services.AddHeadroomProxy(options =>
            {
                options.Providers["OpenAI"] = new() { BaseAddress = upstream.OriginalString, Headers = { ["Authorization"] = "Bearer k" }, AllowCallers = { "staff" } };
                options.Upstreams["keyed"] = new() { BaseAddress = upstream.OriginalString, Headers = { ["Authorization"] = "Bearer k" }, AllowCallers = { "staff", "named" } };
                options.Upstreams["free"] = new() { BaseAddress = upstream.OriginalString, Headers = { ["Authorization"] = "Bearer k" } };
                options.AllowedUpstreams.Add(upstream.OriginalString);
            });
        },
        app =>
        {
            app.Use((context, next) =>
            {
                var name = context.Request.Headers["X-User"].ToString();
                context.User = new ClaimsPrincipal(name.Length == 0 ? new ClaimsIdentity() : new ClaimsIdentity(
                    [new(ClaimTypes.Name, name), new("only", context.Request.Headers["X-Only"].ToString())], "test"));
                return next(context);
            });
            app.MapHeadroomRoutes();
        });
}
