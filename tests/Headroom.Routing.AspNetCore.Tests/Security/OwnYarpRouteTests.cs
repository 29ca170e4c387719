using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The routes of an app's own YARP are another door, by which a control header (a gateway token, say) could leave.</summary>
[TestClass]
public sealed class OwnYarpRouteTests
{
    private static readonly string[] ControlHeaders = ["X-Headroom-Proxy-Token: secret", "x-headroom-upstream: openai", "X-HEADROOM-TAG-TEAM: blue", "x-headroom-: empty"];

    /// <summary>All that copies or makes headers, by the name of its route.</summary>
    private static readonly Dictionary<string, Dictionary<string, string>[]> Transforms = new()
    {
        ["none"] = [],
        ["copied"] = [new() { ["RequestHeadersCopy"] = "true" }],
        ["not-copied"] = [new() { ["RequestHeadersCopy"] = "false" }],
        ["allowed"] = [new() { ["RequestHeadersAllowed"] = "X-Headroom-Proxy-Token;X-Kept" }],
        ["appended"] = [new() { ["RequestHeadersCopy"] = "false" }, new() { ["RequestHeader"] = "X-Headroom-Proxy-Token", ["Append"] = "more" }],
        ["set"] = [new() { ["RequestHeader"] = "X-Headroom-Upstream", ["Set"] = "openai" }],
        ["from-route"] = [new() { ["RequestHeaderRouteValue"] = "X-Headroom-Tag-Rest", ["Append"] = "rest" }],
    };

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task No_control_header_leaves_by_any_route_of_the_apps(bool transformsCalledFirst)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address, yarp => transformsCalledFirst
            ? yarp.AddHeadroomTransforms().AddTransforms(Leak)
            : yarp.AddTransforms(Leak).AddHeadroomTransforms());
        foreach (var route in Transforms.Keys)
        {
            var request = await SendAsync(host, upstream, $"/{route}/orders");

            Assert.AreEqual("", ControlHeadersOf(request), route);
            Assert.AreEqual("leaked", request.Values("X-Transformed").Single(), route);
            Assert.HasCount(route is "not-copied" or "appended" ? 0 : 1, request.Values("X-Kept"), route);
        }
    }

    [TestMethod]
    public async Task Nor_by_a_forwarder_that_is_mapped_directly()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address, yarp => yarp.AddHeadroomTransforms());
        foreach (var path in (string[])["/plain/orders", "/transformed/orders", "/by-hand/orders"])
        {
            Assert.AreEqual("", ControlHeadersOf(await SendAsync(host, upstream, path)), path);
        }
    }

    [TestMethod]
    public async Task Nor_with_a_WebSocket()
    {
        await using var upstream = await KestrelUpstream.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var names = string.Join(",", context.Request.Headers.Keys.Where(name => HeadroomHeaders.IsControl(name) || name.Equals("X-Kept", StringComparison.OrdinalIgnoreCase)));
            await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(names), System.Net.WebSockets.WebSocketMessageType.Text, true, context.RequestAborted);
        });
        await using var host = await StartAsync(upstream.Address, yarp => yarp.AddHeadroomTransforms());
        foreach (var http2 in (bool[])[false, true])
        {
            using var client = await WebSocketClient.ConnectAsync(host, http2, "/none/socket", options =>
            {
                options.SetRequestHeader("X-Headroom-Proxy-Token", "secret");
                options.SetRequestHeader("X-Kept", "yes");
            });

            Assert.AreEqual("X-Kept", await client.ReceiveAsync(), ignoreCase: true);
        }
    }

    [TestMethod]
    public async Task Without_the_call_YARP_copies_them()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address, yarp => yarp);

        Assert.AreNotEqual("", ControlHeadersOf(await SendAsync(host, upstream, "/none/orders")));
    }

    private static void Leak(Yarp.ReverseProxy.Transforms.Builder.TransformBuilderContext route) => route.AddRequestTransform(request =>
    {
        request.ProxyRequest.Headers.TryAddWithoutValidation("X-Transformed", "leaked");
        foreach (var (name, values) in request.HttpContext.Request.Headers.Where(header => HeadroomHeaders.IsControl(header.Key)))
        {
            request.ProxyRequest.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
        }

        return default;
    });

    private static Task<GatewayHost> StartAsync(Uri upstream, Func<IReverseProxyBuilder, IReverseProxyBuilder> configure)
    {
        var address = upstream.OriginalString;
        return GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddHeadroomProxy();
                configure(builder.Services.AddReverseProxy().LoadFromMemory(
                    [
                        .. Transforms.Select(one => new RouteConfig
                        {
                            RouteId = one.Key, ClusterId = "orders", Match = new() { Path = $"/{one.Key}/{{**rest}}" }, Transforms = one.Value,
                        }),
                    ],
                    [new ClusterConfig { ClusterId = "orders", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = address } } }]));
            },
            app =>
            {
                app.MapReverseProxy();
                app.MapForwarder("/plain/{**rest}", address);
                app.MapForwarder("/transformed/{**rest}", address, Leak);
                var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
                app.Lifetime.ApplicationStopped.Register(client.Dispose);
                app.Map("/by-hand/{**rest}", async (HttpContext context, IHttpForwarder forwarder) =>
                {
                    await forwarder.SendAsync(context, address, client, ForwarderRequestConfig.Empty, HttpTransformer.Default);
                });
                app.MapHeadroomRoutes();
            });
    }

    private static async Task<RawRequest> SendAsync(GatewayHost host, RawUpstream upstream, string path)
    {
        var answer = await Answer.OfAsync(host.Address, "GET", path, [.. ControlHeaders, "X-Kept: yes"]);
        Assert.AreEqual(200, answer.Status, path);
        return await upstream.NextRequestAsync();
    }

    private static string ControlHeadersOf(RawRequest request) =>
        string.Join(", ", request.Headers.Select(header => header.Name).Where(name => HeadroomHeaders.IsControl(name)));
}
