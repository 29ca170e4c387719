using System.Collections.Concurrent;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Authorization;

/// <summary>An app's own authorization policies judge where a request goes.</summary>
[TestClass]
public sealed class UpstreamAuthorizationTests
{
    [TestMethod]
    public async Task The_policy_gets_the_caller_and_the_target()
    {
        using var upstreams = new EchoHandler();
        var asked = new ConcurrentQueue<(string? Caller, object? Resource)>();
        await using var host = await StartAsync(upstreams, routes => routes.RequireUpstreamAuthorization(policy => policy.RequireAssertion(context =>
        {
            asked.Enqueue((context.User.FindFirst("tenant")?.Value, context.Resource));
            return true;
        })));

        Assert.AreEqual(200, (await AskAsync(host, "/v1/models", "tenant=acme", "X-Headroom-Upstream: openrouter")).Status);

        var (caller, resource) = asked.Single();
        Assert.AreEqual("acme", caller);
        var target = Assert.IsInstanceOfType<UpstreamTarget>(resource);
        Assert.AreEqual(("https://openrouter.ai", "openrouter", UpstreamChoice.Named), (target.Origin, target.Name, target.Choice));
    }

    [TestMethod]
    public async Task What_the_app_allows_nobody_is_refused_before_the_policy_is_asked()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, routes => routes.RequireUpstreamAuthorization(policy => policy.RequireAssertion(bool (_) =>
            throw new InvalidOperationException("asked"))));

        Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "tenant=acme", "X-Headroom-Upstream: https://unlisted.example")).Status);
        Assert.AreEqual(400, (await AskAsync(host, "/v1/models", "tenant=acme", "X-Headroom-Upstream: no-such-name")).Status);
        Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "tenant=acme", "Origin: https://evil.example")).Status);
    }

    [TestMethod]
    public async Task Without_an_argument_the_default_policy_is_meant()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, routes => routes.RequireUpstreamAuthorization());

        Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "")).Status);
        Assert.AreEqual(200, (await AskAsync(host, "/v1/models", "tenant=acme")).Status);
        Assert.AreEqual(1, upstreams.Count);
    }

    [TestMethod]
    public async Task All_policies_must_be_satisfied_and_those_of_a_group_around_it_count()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(
            upstreams,
            (app, map) =>
            {
                var group = app.MapGroup("/llm").RequireUpstreamAuthorization("admins");
                map(group).RequireUpstreamAuthorization("acme", "named").AllowAnonymous();
            });

        foreach (var (claims, upstream, status) in new[]
        {
            ("tenant=acme;role=admin", "openrouter", 200),
            ("tenant=acme", "openrouter", 403),
            ("role=admin", "openrouter", 403),
            ("tenant=acme;role=admin", "https://openrouter.ai/api/v1", 403),
            ("", "openrouter", 403),
        })
        {
            Assert.AreEqual(status, (await AskAsync(host, "/llm/v1/models", claims, $"X-Headroom-Upstream: {upstream}")).Status, $"{claims} {upstream}");
        }
    }

    [TestMethod]
    public async Task Other_routes_are_not_restricted()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, (app, map) =>
        {
            map(app.MapGroup("/open"));
            map(app.MapGroup("/llm")).RequireUpstreamAuthorization("admins");
        });

        Assert.AreEqual(200, (await AskAsync(host, "/open/v1/models", "")).Status);
        Assert.AreEqual(403, (await AskAsync(host, "/llm/v1/models", "")).Status);
    }

    [TestMethod]
    public async Task The_schemes_of_a_policy_authenticate_its_caller()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(
            upstreams,
            routes => routes.RequireUpstreamAuthorization(policy => policy.AddAuthenticationSchemes("Caller").RequireClaim("tenant", "acme")),
            authenticate: false);

        Assert.AreEqual(200, (await AskAsync(host, "/v1/models", "tenant=acme")).Status);
        Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "tenant=else")).Status);
        Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "")).Status);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_handler_that_throws_is_a_500_and_nothing_is_sent(bool withBody)
    {
        using var upstreams = new EchoHandler();
        var host = await StartAsync(upstreams, routes => routes.RequireUpstreamAuthorization(policy => policy.RequireAssertion(async Task<bool> (_) =>
        {
            await Task.Yield();
            throw new InvalidOperationException("inside S3CRET");
        })));
        await using (host)
        {
            using var request = new HttpRequestMessage(withBody ? HttpMethod.Post : HttpMethod.Get, "/v1/responses") { Content = withBody ? new StringContent("{}") : null };
            using var response = await host.CreateClient().SendAsync(request);
            Assert.DoesNotContain("S3CRET", await ErrorAssert.IsAsync(response, 500, "gateway_error", retry: false));
        }

        Assert.AreEqual(0, upstreams.Count);
        var entry = Assert.ContainsSingle(host.Logs.Entries.Where(entry => entry.Level >= LogLevel.Warning && entry.Category.StartsWith("Headroom", StringComparison.Ordinal)));
        Assert.AreEqual((LogLevel.Error, 5), (entry.Level, entry.EventId.Id));
        Assert.Contains("inside S3CRET", entry.Exception!);
    }

    [TestMethod]
    public async Task A_client_that_leaves_while_its_policy_is_asked_is_no_error_of_the_app()
    {
        using var upstreams = new EchoHandler();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken leaving = default;
        var host = await StartAsync(upstreams, (app, map) =>
        {
            app.Use(async (context, next) =>
            {
                leaving = context.RequestAborted;
                await next(context);
                left.TrySetResult();
            });
            map(app).RequireUpstreamAuthorization(policy => policy.RequireAssertion(async _ =>
            {
                asked.TrySetResult();
                await Task.Delay(Timeout.Infinite, leaving);
                return true;
            }));
        });
        await using (host)
        {
            await using var client = await RawClient.ConnectAsync(host.Address);
            await client.SendAsync(Gateway.Request("GET", "/v1/models"));
            await asked.Task.WithPatience("the policy to be asked");
            client.HangUp();
            await left.Task.WithPatience("the request to end");
        }

        Assert.AreEqual(0, upstreams.Count);
        Assert.IsEmpty(host.Logs.Entries.Where(entry => entry.Level >= LogLevel.Warning));
    }

    [TestMethod]
    public async Task The_log_names_what_failed_and_never_a_value()
    {
        using var upstreams = new EchoHandler();
        var host = await StartAsync(upstreams, routes => routes.RequireUpstreamAuthorization("acme"));
        await using (host)
        {
            await AskAsync(host, "/v1/models?key=S3CRET", "tenant=S3CRET", "X-Headroom-Upstream: openrouter");
        }

        var refused = Assert.ContainsSingle(host.Logs.Entries.Where(entry => entry.EventId.Name == "Refused"));
        Assert.AreEqual("Refused (upstream_not_allowed): https://openrouter.ai: the policy acme is not satisfied: ClaimsAuthorizationRequirement", refused.Message);
        Assert.IsFalse(host.Logs.Entries.Any(entry => entry.Category.StartsWith("Headroom", StringComparison.Ordinal) && entry.Mentions("S3CRET")));
    }

    [TestMethod]
    public async Task A_handler_that_fails_the_policy_is_named_and_its_reason_is_not()
    {
        using var upstreams = new EchoHandler();
        var host = await StartAsync(upstreams, routes => routes.RequireUpstreamAuthorization(policy => policy.AddRequirements(new Failing())));
        await using (host)
        {
            Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "tenant=acme")).Status);
        }

        Assert.EndsWith("the policy is not satisfied: Failing", Assert.ContainsSingle(host.Logs.Entries.Where(entry => entry.EventId.Name == "Refused")).Message);
    }

    [TestMethod]
    public async Task Afterwards_the_decision_is_the_refusal()
    {
        using var upstreams = new EchoHandler();
        UpstreamDecision? before = null;
        UpstreamDecision? after = null;
        await using var host = await StartAsync(upstreams, (app, map) =>
        {
            app.Use(async (context, next) =>
            {
                before = context.GetUpstreamDecision();
                await next(context);
                after = context.GetUpstreamDecision();
            });
            map(app).RequireUpstreamAuthorization("admins");
        });

        await AskAsync(host, "/v1/messages", "tenant=acme");

        Assert.IsNotNull(before!.Target);
        Assert.IsNull(after!.Target);
        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, after.Refusal!.Reason);
        Assert.AreEqual(("Anthropic", ProviderSource.Path, UpstreamSource.Default), (after.Provider!.Name, after.ProviderSource, after.Source));
    }

    [TestMethod]
    public async Task Forgetting_the_services_is_told_with_the_call_that_is_missing()
    {
        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(), app => app.MapHeadroomRoutes().RequireUpstreamAuthorization()));

        Assert.Contains("AddAuthorization()", failure.Message);
    }

    [TestMethod]
    public async Task A_misspelled_policy_stops_the_start()
    {
        using var upstreams = new EchoHandler();
        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => StartAsync(upstreams, routes => routes.RequireUpstreamAuthorization("admins", "amdins")));

        Assert.Contains("'amdins'", failure.Message);
    }

    [TestMethod]
    public void Null_is_no_policy()
    {
        var routes = new Moq.Mock<IEndpointConventionBuilder>().Object;
        Assert.ThrowsExactly<ArgumentNullException>(() => routes.RequireUpstreamAuthorization((AuthorizationPolicy)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => routes.RequireUpstreamAuthorization((Action<AuthorizationPolicyBuilder>)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => routes.RequireUpstreamAuthorization((string[])null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => routes.RequireUpstreamAuthorization([null!]));
        Assert.ThrowsExactly<ArgumentNullException>(() => ((IEndpointConventionBuilder)null!).RequireUpstreamAuthorization());
    }

    private static Task<GatewayHost> StartAsync(EchoHandler upstreams, Action<IEndpointConventionBuilder> restrict, bool authenticate = true) =>
        StartAsync(upstreams, (app, map) => restrict(map(app)), authenticate);

    private static Task<GatewayHost> StartAsync(
        EchoHandler upstreams,
        Action<WebApplication, Func<Microsoft.AspNetCore.Routing.IEndpointRouteBuilder, IEndpointConventionBuilder>> map,
        bool authenticate = true) => GatewayHost.StartAsync(
        builder =>
        {
            CallerToken.Add(builder.Services);
            builder.Services.AddAuthentication(options => options.DefaultScheme = authenticate ? "Caller" : "");
            builder.Services.AddAuthorizationBuilder()
                .AddPolicy("acme", policy => policy.RequireClaim("tenant", "acme"))
                .AddPolicy("admins", policy => policy.RequireClaim("role", "admin"))
                .AddPolicy("named", policy => policy.RequireAssertion(context => context.Resource is UpstreamTarget { Choice: UpstreamChoice.Named }));
            builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
        },
        app => map(app, routes => routes.MapHeadroomRoutes()));

    private static Task<Answer> AskAsync(GatewayHost host, string target, string claims, params string[] headers) =>
        Answer.OfAsync(host.Address, "GET", target, [.. headers, .. claims.Length > 0 ? [$"{CallerToken.Header}: {claims}"] : Array.Empty<string>()]);

    private sealed class Failing : AuthorizationHandler<Failing>, IAuthorizationRequirement
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, Failing requirement)
        {
            context.Fail(new AuthorizationFailureReason(this, "the tenant S3CRET"));
            return Task.CompletedTask;
        }
    }
}
