using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The sweep of an app that runs in a TestServer, as many apps do in their own tests.</summary>
[TestClass]
public sealed class InMemorySweepTests
{
    [TestMethod]
    public async Task An_app_in_a_test_server_is_swept_through_its_handler()
    {
        await using var app = await StartAsync(options => options.AllowedUpstreams.Add("http://*:*"), app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapHeadroomRoutes("/llm");
        });
        var server = app.GetTestServer();

        var report = await HeadroomSecuritySweep.RunAsync(app.Services, new Uri(server.BaseAddress, "base"), new() { CreateHandler = server.CreateHandler });

        report.ThrowIfUnsafe();
        Assert.Contains("/llm/v1/messages/{**rest}", report.Endpoints);
        Assert.IsFalse(report.WebSocketsTried);
        Assert.Contains("no WebSocket was tried", report.ToString());
    }

    [TestMethod]
    public async Task An_address_in_the_configuration_does_not_make_a_test_server_listen()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        await using var app = await StartAsync(builder, _ => { }, app => app.MapHeadroomRoutes());
        var server = app.GetTestServer();

        var report = await HeadroomSecuritySweep.RunAsync(app.Services, server.BaseAddress, new() { CreateHandler = server.CreateHandler });

        report.ThrowIfUnsafe();
        Assert.IsFalse(report.WebSocketsTried);
    }

    [TestMethod]
    public async Task An_open_allow_list_is_noticed_in_a_test_server_too()
    {
        await using var app = await StartAsync(options => options.AllowedUpstreams.Add("http://127.0.0.1:*"), app => app.MapHeadroomRoutes());
        var server = app.GetTestServer();

        var report = await HeadroomSecuritySweep.RunAsync(app.Services, server.BaseAddress, new() { CreateHandler = server.CreateHandler });

        foreach (var endpoint in report.Endpoints.Where(endpoint => !endpoint.Contains('@', StringComparison.Ordinal)))
        {
            Assert.Contains(finding => finding.Endpoint == endpoint && finding.Outcome.Contains("connected", StringComparison.Ordinal), report.Findings, endpoint);
        }
    }

    [TestMethod]
    public async Task Without_the_handler_the_message_says_what_to_do()
    {
        await using var app = await StartAsync(_ => { }, app => app.MapHeadroomRoutes());

        var thrown = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => HeadroomSecuritySweep.RunAsync(app.Services, app.GetTestServer().BaseAddress));

        Assert.Contains("CreateHandler", thrown.Message);
    }

    [TestMethod]
    public async Task Over_sockets_WebSockets_are_tried_whatever_the_handler()
    {
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddHeadroomProxy();
            },
            app => app.MapHeadroomRoutes());
        var created = 0;

        var report = await HeadroomSecuritySweep.RunAsync(host.Services, host.Address, new()
        {
            CreateHandler = () =>
            {
                Interlocked.Increment(ref created);
                return new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8 };
            },
        });

        report.ThrowIfUnsafe();
        Assert.IsTrue(report.WebSocketsTried);
        Assert.IsGreaterThan(0, created);
    }

    private static Task<WebApplication> StartAsync(Action<HeadroomProxyOptions> configure, Action<WebApplication> map) =>
        StartAsync(WebApplication.CreateSlimBuilder(), configure, map);

    private static async Task<WebApplication> StartAsync(
        WebApplicationBuilder builder, Action<HeadroomProxyOptions> configure, Action<WebApplication> map)
    {
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddHeadroomProxy(configure);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }
}
