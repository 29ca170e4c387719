using System.Net;
using System.Net.Sockets;
using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>Every mapped route against a listener that must see nobody; and proofs that the sweep would notice.</summary>
[TestClass]
public sealed class SweepTests
{
    [TestMethod]
    public async Task No_route_method_or_way_reaches_the_listener()
    {
        // Where requests would go whose override were ignored.
        await using var provider = RawUpstream.Start();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                Quiet(builder);
                builder.Services.AddCors();
                builder.Services.AddHeadroomProxy(options =>
                {
                    Wildcards(options);
                    foreach (var known in KnownProviders.All)
                    {
                        options.Providers[known.Name] = new ProviderOptions { BaseAddress = provider.Address.OriginalString };
                    }
                });
            },
            app =>
            {
                app.UsePathBase("/base");
                app.UseRouting();
                app.UseCors(policy => policy.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod());
                app.UseStaticFiles();
                app.MapGet("/healthz", () => "ok");
                app.MapHeadroomRoutes();
                app.MapHeadroomRoutes("/llm");
                app.MapGroup("/grp/{tenant}").MapHeadroomRoutes();
                app.MapFallback(() => Results.NotFound());
            });

        var report = await HeadroomSecuritySweep.RunAsync(host.Services, new Uri(host.Address, "/base"));
        report.ThrowIfUnsafe();

        foreach (var pattern in (string[])["/v1/messages/{**rest}", "/llm/v1/messages/{**rest}", "/grp/{tenant}/v1/messages/{**rest}", "/upstream/{**rest}", "/llm/@{name}/{**rest}", "/grp/{tenant}/{**path}"])
        {
            Assert.Contains(pattern, report.Endpoints);
        }

        Assert.AreEqual(0, await provider.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task The_sweep_notices_an_open_allow_list()
    {
        await using var host = await StartAsync(options => options.AllowedUpstreams.Add("http://127.0.0.1:*"), app => app.MapHeadroomRoutes());
        var report = await HeadroomSecuritySweep.RunAsync(host.Services, host.Address);
        foreach (var endpoint in report.Endpoints.Where(endpoint => !endpoint.Contains('@', StringComparison.Ordinal)))
        {
            Assert.Contains(finding => finding.Endpoint == endpoint && finding.Outcome.Contains("connected", StringComparison.Ordinal), report.Findings, endpoint);
        }

        Assert.Contains("findings", Assert.ThrowsExactly<InvalidOperationException>(report.ThrowIfUnsafe).Message);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)] // Elsewhere 127.0.0.2 is not this machine's.
    public async Task Where_loopback_is_open_on_purpose_the_sweep_listens_elsewhere()
    {
        await using var host = await StartAsync(options => options.AllowedUpstreams.Add("http://127.0.0.1:*"), app => app.MapHeadroomRoutes());
        var report = await HeadroomSecuritySweep.RunAsync(host.Services, host.Address, new() { ListenOn = IPAddress.Parse("127.0.0.2") });
        report.ThrowIfUnsafe();
    }

    [TestMethod]
    public async Task The_sweep_notices_a_route_that_goes_its_own_way()
    {
        await using var host = await StartWithOwnRouteAsync(async context =>
        {
            context.Response.Headers[HeadroomHeaders.Error] = "invalid_upstream";
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            if (Uri.TryCreate(context.Request.Headers[HeadroomHeaders.Upstream], UriKind.Absolute, out var uri) && uri.Host == "127.0.0.1" && HttpMethods.IsPatch(context.Request.Method))
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(IPAddress.Loopback, uri.Port, context.RequestAborted);
            }
        });
        var report = await HeadroomSecuritySweep.RunAsync(host.Services, host.Address);
        Assert.IsNotEmpty(report.Findings);
        Assert.IsTrue(report.Findings.All(finding => finding.Outcome.Contains("connected", StringComparison.Ordinal)), report.ToString());
        Assert.Contains("PATCH", report.ToString());
    }

    [TestMethod]
    public async Task The_sweep_notices_a_route_that_answers_well()
    {
        await using var host = await StartWithOwnRouteAsync(context =>
        {
            context.Response.Headers[HeadroomHeaders.Error] = "none";
            return Task.CompletedTask;
        });
        var report = await HeadroomSecuritySweep.RunAsync(host.Services, host.Address);
        Assert.IsNotEmpty(report.Findings);
        Assert.IsTrue(report.Findings.All(finding => finding.Endpoint == "/own/{**rest}" && finding.Outcome.Contains("200", StringComparison.Ordinal)), report.ToString());
    }

    [TestMethod]
    public async Task The_sweep_does_not_take_a_closed_door_for_a_safe_one()
    {
        await using var host = await StartAsync(
            Wildcards,
            app =>
            {
                app.Use((context, next) =>
                {
                    if (context.Request.Headers["X-Headroom-Proxy-Token"] != "secret" || context.Request.Path.StartsWithSegments("/wrong"))
                    {
                        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                        return Task.CompletedTask;
                    }

                    return next(context);
                });
                app.MapHeadroomRoutes("/{team}");
            });

        var report = await HeadroomSecuritySweep.RunAsync(host.Services, host.Address);
        Assert.HasCount(report.Endpoints.Count, report.Findings);
        Assert.IsTrue(report.Findings.All(finding => finding.Outcome.Contains("401", StringComparison.Ordinal)), report.ToString());

        var options = new HeadroomSecuritySweepOptions { ConfigureRequest = request => request.Headers.Add("X-Headroom-Proxy-Token", "secret") };
        (await HeadroomSecuritySweep.RunAsync(host.Services, host.Address, options)).ThrowIfUnsafe();

        options.RouteValues["team"] = "wrong";
        Assert.IsNotEmpty((await HeadroomSecuritySweep.RunAsync(host.Services, host.Address, options)).Findings);
    }

    // Every request names a hostile upstream, so one that a provider answers had its override ignored.
    [TestMethod]
    public async Task The_sweep_notices_that_an_override_is_ignored()
    {
        await using var provider = RawUpstream.Start(exchange => exchange.RespondAsync(401));
        await using GatewayHost host = await StartAsync(
            options =>
            {
                Wildcards(options);
                foreach (var known in KnownProviders.All)
                {
                    options.Providers[known.Name] = new ProviderOptions { BaseAddress = provider.Address.OriginalString };
                }
            },
            app =>
            {
                app.Use((context, next) =>
                {
                    context.Request.Headers.Remove(HeadroomHeaders.BaseUrl);
                    return next(context);
                });
                app.MapHeadroomRoutes();
            });

        HeadroomSecurityReport report = await HeadroomSecuritySweep.RunAsync(host.Services, host.Address);

        Assert.IsGreaterThan(0, await provider.CountConnectionsAsync());
        Assert.IsNotEmpty(report.Findings);
    }

    // 'upstream_unreachable' is said by a gateway that dialed: the listener is not the only one it may have met.
    [TestMethod]
    public async Task The_sweep_notices_that_the_gateway_dialed_and_met_nobody()
    {
        await using GatewayHost host = await StartWithOwnRouteAsync(context =>
        {
            context.Response.Headers[HeadroomHeaders.Error] = "upstream_unreachable";
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return Task.CompletedTask;
        });

        Assert.IsNotEmpty((await HeadroomSecuritySweep.RunAsync(host.Services, host.Address)).Findings);
    }

    [TestMethod]
    public async Task An_app_without_routes_is_told_so()
    {
        await using var host = await GatewayHost.StartAsync(builder => builder.Services.AddHeadroomProxy(), _ => { });
        var thrown = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => HeadroomSecuritySweep.RunAsync(host.Services, host.Address));
        Assert.Contains("MapHeadroomRoutes", thrown.Message);
    }

    // The widest allow-list that still holds callers to public addresses: only the guard stands between them and the listener.
    private static void Wildcards(HeadroomProxyOptions options)
    {
        options.AllowedUpstreams.Add("https://*:*");
        options.AllowedUpstreams.Add("http://*:*");
    }

    // Many thousands of requests need no log of each.
    private static void Quiet(WebApplicationBuilder builder) => builder.Logging.ClearProviders();

    private static Task<GatewayHost> StartAsync(Action<HeadroomProxyOptions> configure, Action<WebApplication> map) => GatewayHost.StartAsync(
        builder =>
        {
            Quiet(builder);
            builder.Services.AddHeadroomProxy(configure);
        },
        map);

    private static Task<GatewayHost> StartWithOwnRouteAsync(RequestDelegate handler) => StartAsync(
        Wildcards,
        app =>
        {
            app.MapHeadroomRoutes("/llm");
            app.Map("/own/{**rest}", handler).WithMetadata(new HeadroomEndpointMetadata(2));
        });
}
