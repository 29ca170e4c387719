using System.Net;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Diagnostics;

/// <summary>What an app's own middleware can ask about a request.</summary>
[TestClass]
public sealed class DecisionFeatureTests
{
    [TestMethod]
    [DataRow("/v1/responses", "http://UPSTREAM", UpstreamSource.Header, JoinRule.Normalized, ProviderSource.Path)]
    [DataRow("/v1/responses", "", UpstreamSource.Default, JoinRule.Normalized, ProviderSource.Path)]
    [DataRow("/v1/anything", "http://UPSTREAM/v1", UpstreamSource.Header, JoinRule.RepeatedPath, ProviderSource.Path)]
    [DataRow("/anything", "named", UpstreamSource.Name, JoinRule.Appended, ProviderSource.None)]
    [DataRow("/@named/x", "", UpstreamSource.Name, JoinRule.Appended, ProviderSource.None)]
    [DataRow("/upstream/x", "http://UPSTREAM/v4", UpstreamSource.Mount, JoinRule.Verbatim, ProviderSource.None)]
    public async Task A_middleware_reads_what_the_endpoint_then_does(
        string path, string header, UpstreamSource source, JoinRule rule, ProviderSource providerSource)
    {
        await using var upstream = RawUpstream.Start();
        UpstreamDecision? before = null;
        var after = new TaskCompletionSource<UpstreamDecision?>();
        await using var host = await StartAsync(upstream.Address, app => app.Use(async (context, next) =>
        {
            before = context.GetUpstreamDecision();
            await next(context);
            after.SetResult(context.GetUpstreamDecision());
        }));
        Assert.AreEqual(HttpStatusCode.OK, await SendAsync(host, path, header.Replace("UPSTREAM", upstream.Address.Authority, StringComparison.Ordinal)));

        Assert.IsNotNull(before?.Target);
        Assert.AreSame(before, await Patience.For(after.Task, "the middleware"));
        Assert.AreEqual((source, rule, providerSource), (before.Source, before.JoinRule, before.ProviderSource));
        Assert.AreEqual((await upstream.NextRequestAsync()).Target, before.Target.Uri.PathAndQuery);
    }

    [TestMethod]
    public async Task Who_looks_only_afterwards_sees_it_too()
    {
        await using var upstream = RawUpstream.Start();
        var after = new TaskCompletionSource<UpstreamTarget?>();
        await using var host = await StartAsync(upstream.Address, app => app.Use(async (context, next) =>
        {
            await next(context);
            after.SetResult(context.GetUpstreamTarget());
        }));
        await SendAsync(host, "/v1/responses", "named");
        var target = await Patience.For(after.Task, "the middleware");
        Assert.AreEqual(("named", UpstreamChoice.Named), (target?.Name, target?.Choice));
    }

    [TestMethod]
    public async Task A_header_that_is_changed_in_between_counts_as_it_was_changed()
    {
        await using var upstream = RawUpstream.Start();
        UpstreamDecision? before = null;
        var after = new TaskCompletionSource<UpstreamDecision?>();
        await using var host = await StartAsync(upstream.Address, app => app.Use(async (context, next) =>
        {
            before = context.GetUpstreamDecision();
            context.Request.Headers["X-Headroom-Upstream"] = "named";
            await next(context);
            after.SetResult(context.GetUpstreamDecision());
        }));
        Assert.AreEqual(HttpStatusCode.OK, await SendAsync(host, "/v1/responses", "http://10.0.0.1"));
        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, before?.Refusal?.Reason);
        Assert.AreEqual("named", (await Patience.For(after.Task, "the middleware"))?.Target?.Name);
    }

    [TestMethod]
    public async Task A_request_of_the_apps_own_has_none()
    {
        await using var upstream = RawUpstream.Start();
        UpstreamDecision? seen = null;
        await using var host = await StartAsync(upstream.Address, app =>
        {
            app.Use(async (context, next) =>
            {
                seen = context.GetUpstreamDecision();
                await next(context);
            });
            app.MapGet("/own", () => "mine");
        });
        using var response = await host.CreateClient().GetAsync("/own");
        Assert.AreEqual("mine", await response.Content.ReadAsStringAsync());
        Assert.IsNull(seen);
    }

    [TestMethod]
    [DataRow(false, "", null)]
    [DataRow(true, "", "choice=default")]
    [DataRow(true, "named", "choice=name")]
    public async Task An_answer_tells_its_upstream_where_the_app_wants_that(bool reveal, string header, string? choice)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "", ("X-Headroom-Upstream-Used", "forged")));
        await using var host = await StartAsync(upstream.Address, _ => { }, ("Headroom:RevealUpstream", reveal.ToString()));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Headers.TryAddWithoutValidation("X-Headroom-Upstream", header);
        using var response = await host.CreateClient().SendAsync(request);
        Assert.AreEqual(
            choice is null ? "" : $"{upstream.Address.GetLeftPart(UriPartial.Authority)}; {choice}",
            response.Headers.TryGetValues("X-Headroom-Upstream-Used", out var values) ? string.Join('|', values) : "");
    }

    [TestMethod]
    public async Task An_error_tells_it_as_well()
    {
        using var closed = new ClosedPort();
        await using var host = await StartAsync(closed.Address, _ => { }, ("Headroom:RevealUpstream", "true"));
        using var response = await host.CreateClient().PostAsync("/v1/responses", null);
        Assert.AreEqual(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.AreEqual($"{closed.Address.GetLeftPart(UriPartial.Authority)}; choice=default", response.Headers.GetValues("X-Headroom-Upstream-Used").Single());
    }

    private static Task<GatewayHost> StartAsync(Uri upstream, Action<WebApplication> use, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder => builder.AddProxyTo(upstream, [("Headroom:Upstreams:named", upstream.ToString()), .. settings]),
        app =>
        {
            use(app);
            app.MapHeadroomRoutes();
        });

    private static async Task<HttpStatusCode> SendAsync(GatewayHost host, string path, string upstream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.TryAddWithoutValidation("X-Headroom-Upstream", upstream);
        using var response = await host.CreateClient().SendAsync(request);
        return response.StatusCode;
    }
}
