using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Headroom.Routing.AspNetCore.Tests.Errors;

/// <summary>An error of the proxy's keeps what the app's middleware had set on the response, and nothing of what an upstream had begun to answer.</summary>
[TestClass]
public sealed class OwnHeaderTests
{
    [TestMethod]
    [DataRow("http://user@x", 400)]
    [DataRow("http://169.254.169.254", 403)]
    [DataRow("down", 502)]
    [DataRow("breaking", 502)]
    [DataRow("silent", 504)]
    public async Task What_the_app_set_survives_an_error(string named, int status)
    {
        using var closed = new ClosedPort();
        await using var breaking = Upstream(exchange => exchange.Close());
        await using var silent = Upstream(_ => { });
        await using var host = await GatewayHost.StartAsync(
            builder => builder.AddProxyTo(
                closed.Address,
                ("Headroom:IdleTimeout", named == "silent" ? "00:00:01" : "00:01:00"),
                ("Headroom:Upstreams:down", closed.Address.ToString()),
                ("Headroom:Upstreams:breaking", breaking.Address.ToString()),
                ("Headroom:Upstreams:silent", silent.Address.ToString())),
            app =>
            {
                app.Use((context, next) =>
                {
                    context.Response.Headers["X-Request-Id"] = "r1";
                    context.Response.Headers["X-Twice"] = new[] { "a", "b" };
                    return next(context);
                });
                app.MapHeadroomRoutes();
            });
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models", "X-Headroom-Upstream: " + named));
        var response = await client.ReadResponseAsync();

        Assert.AreEqual(status, response.Status);
        CollectionAssert.AreEqual(new[] { "r1" }, response.Values("X-Request-Id").ToArray());
        CollectionAssert.AreEqual(new[] { "a", "b" }, response.Values("X-Twice").ToArray());
        Assert.IsEmpty(response.Values("X-Upstream"));
        Assert.IsEmpty(response.Values("ETag"));
        Assert.AreEqual(StreamEnd.Clean, (await response.ReadToEndAsync()).End);
        Assert.HasCount(1, response.Values("X-Headroom-Error"));
    }

    // Announces a body that never comes.
    private static RawUpstream Upstream(Action<RawExchange> then) => RawUpstream.Start(async exchange =>
    {
        await exchange.WriteAsync("HTTP/1.1 200 Fine\r\nContent-Length: 10\r\nX-Upstream: y\r\nX-Request-Id: theirs\r\nETag: x\r\n\r\n");
        then(exchange);
        await exchange.WaitForHangUpAsync();
    });
}
