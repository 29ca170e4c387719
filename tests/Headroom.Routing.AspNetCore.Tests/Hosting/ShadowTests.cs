using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>Routing is silent about endpoints that never get a request. One warning at the start is not.</summary>
[TestClass]
public sealed class ShadowTests
{
    private static readonly RequestDelegate Own = context => context.Response.WriteAsync("own");

    [TestMethod]
    [DataRow("/{**all}", 0, "", "comes before the catch-all /{**path}.", "comes after /v1/{**rest}, /v1beta/{**rest},")]
    [DataRow("/{**all}", -1, "", "comes before the catch-all /{**path}.")]
    [DataRow("/{**all}", 0, "/llm", "comes before the catch-all /llm/{**path}.", "/llm/upstream/{**rest}")]
    [DataRow("/{tenant}/{**all}", 0, "", "/v1/{**rest}", "/upstream/{**rest}")]
    [DataRow("/v1/{**all}", 0, "", "comes after /v1/chat/completions/{**rest},")]
    [DataRow("/V1/{id}", 0, "", "comes after /v1/completions, /v1/embeddings, /v1/moderations, /v1/complete.")]
    [DataRow("/v1/orders/{id}", 1, "", "comes after /v1/{**rest}.")]
    [DataRow("/upstream/health", 1, "", "comes after /upstream/{**rest}.")]
    [DataRow("/upstream/{**all}", 5, "", "comes after /upstream/{**rest}.")]
    [DataRow("/llm/upstream/{id:int}", 1, "/llm", "comes after /llm/upstream/{**rest}.")]
    public async Task An_endpoint_that_takes_or_loses_requests_is_named_in_one_warning(string pattern, int order, string prefix, params string[] said)
    {
        var warning = Warnings(await LogsOfAsync(prefix, app => app.Map(pattern, Own).WithDisplayName("the app's").WithOrder(order))).Single();

        Assert.AreEqual((13, "RoutesOverlap"), (warning.EventId.Id, warning.EventId.Name));
        Assert.Contains($"{pattern} (the app's) ", warning.Message);
        foreach (var text in said)
        {
            Assert.Contains(text, warning.Message);
        }
    }

    [TestMethod]
    [DataRow("/own/{**rest}")]
    [DataRow("/{slug}")]
    [DataRow("/v1/orders/{id}")]
    [DataRow("/v1/models")]
    [DataRow("/upstream/health")]
    [DataRow("/upstream/{**rest}")]
    [DataRow("/{**path:nonfile}")]
    [DataRow("/{**path}", int.MaxValue)]
    public async Task An_endpoint_that_is_in_nobodys_way_is_not_named(string pattern, int order = 0) =>
        Assert.IsEmpty(Warnings(await LogsOfAsync("", app => app.Map(pattern, Own).WithOrder(order))));

    [TestMethod]
    public async Task A_page_of_the_apps_for_all_that_is_left_is_not_named()
    {
        foreach (var fallback in BusyHost.Fallbacks.Values)
        {
            Assert.IsEmpty(Warnings(await LogsOfAsync("", fallback, builder => builder.Services.AddControllersWithViews())));
        }

        Assert.IsEmpty(Warnings(await LogsOfAsync(
            "", app => app.MapControllerRoute("default", "{controller=Model}/{action=Details}/{id?}"), builder => builder.Services.AddControllersWithViews())));
    }

    [TestMethod]
    public async Task Without_a_catch_all_of_ours_nothing_comes_before_it()
    {
        var warning = Warnings(await LogsOfAsync(
            "", app => app.Map("/{**all}", Own), builder => builder.Configuration.AddSettings(("Headroom:CatchAll", "false")))).Single();

        Assert.DoesNotContain("comes before", warning.Message);
        Assert.Contains("comes after", warning.Message);
    }

    [TestMethod]
    public async Task All_of_them_are_named_at_once_YARPs_routes_too()
    {
        var warning = Warnings(await LogsOfAsync(
            "",
            app =>
            {
                app.MapReverseProxy();
                app.Map("/upstream/{id}", Own).WithOrder(1);
            },
            builder => builder.Services.AddReverseProxy().LoadFromMemory(
                [
                    new RouteConfig { RouteId = "legacy", ClusterId = "one", Match = new() { Path = "{**catch-all}" } },
                    new RouteConfig { RouteId = "elsewhere", ClusterId = "one", Match = new() { Path = "/own/{**rest}" } },
                ],
                [new ClusterConfig { ClusterId = "one" }]))).Single();

        Assert.Contains("{**catch-all} (legacy) comes before the catch-all /{**path}.", warning.Message);
        Assert.Contains("/upstream/{id} ", warning.Message);
        Assert.DoesNotContain("elsewhere", warning.Message);
    }

    [TestMethod]
    [DataRow("llm.example.com", "shop.example.com", false)]
    [DataRow("llm.example.com", "LLM.example.com:8443", true)]
    [DataRow("llm.example.com", "*.example.com", true)]
    [DataRow("llm.example.com", null, true)]
    [DataRow(null, "shop.example.com", true)]
    public async Task Hosts_tell_them_apart(string? ours, string? own, bool warned)
    {
        var logs = await LogsOfAsync("", app => At(app.Map("/{**all}", Own), own), ours: ours);

        Assert.HasCount(warned ? 1 : 0, Warnings(logs));
    }

    private static async Task<LogCapture> LogsOfAsync(string prefix, Action<WebApplication> map, Action<WebApplicationBuilder>? configure = null, string? ours = null)
    {
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddHeadroomProxy();
                configure?.Invoke(builder);
            },
            app =>
            {
                map(app);
                At(app.MapHeadroomRoutes(prefix), ours);
            });
        return host.Logs;
    }

    private static void At(IEndpointConventionBuilder endpoints, string? host)
    {
        if (host is not null)
        {
            endpoints.RequireHost(host);
        }
    }

    private static LogEntry[] Warnings(LogCapture logs) =>
        [.. logs.Entries.Where(entry => entry.Level == LogLevel.Warning && entry.Category.StartsWith("Headroom", StringComparison.Ordinal))];
}
