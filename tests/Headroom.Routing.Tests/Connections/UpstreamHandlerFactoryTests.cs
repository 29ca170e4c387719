using System.Diagnostics;
using System.Net;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

[TestClass]
public sealed class UpstreamHandlerFactoryTests
{
    private static readonly FakeResolver Resolver = new("127.0.0.1");

    [TestMethod]
    [DataRow(UpstreamTrust.Public, false)]
    [DataRow(UpstreamTrust.Operator, true)]
    public void Adds_nothing_to_what_the_two_ends_say(UpstreamTrust trust, bool proxy)
    {
        using var handler = UpstreamHandlerFactory.Create(trust, Resolver, TimeSpan.FromSeconds(3));

        Assert.AreEqual(proxy, handler.UseProxy);
        Assert.IsFalse(handler.AllowAutoRedirect);
        Assert.IsFalse(handler.UseCookies);
        Assert.AreEqual(DecompressionMethods.None, handler.AutomaticDecompression);
        Assert.AreEqual(TimeSpan.Zero, handler.ResponseDrainTimeout);
        Assert.AreEqual(TimeSpan.FromSeconds(3), handler.ConnectTimeout);
        Assert.AreEqual(Timeout.InfiniteTimeSpan, handler.KeepAlivePingDelay);
        Assert.IsTrue(UpstreamHandlerFactory.IsGuarded(handler, trust));
    }

    [TestMethod]
    public async Task Leaves_a_redirect_to_the_caller()
    {
        using var listener = new LoopbackListener();
        using var client = Client();

        var answered = listener.AnswerAsync("302 Found", "Location: /elsewhere", "Set-Cookie: a=b");
        using var response = await client.GetAsync(listener.UrlOf("127.0.0.1"));
        await answered;

        Assert.AreEqual(HttpStatusCode.Found, response.StatusCode);
        Assert.IsTrue(response.Headers.Contains("Set-Cookie"));
        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    public async Task Adds_no_trace_headers()
    {
        using var listener = new LoopbackListener();
        using var client = Client();
        using var activity = new Activity("caller").AddBaggage("tenant", "secret").Start();

        var answered = listener.AnswerAsync();
        using var response = await client.GetAsync(listener.UrlOf("127.0.0.1"));

        Assert.AreEqual($"GET /v1/models HTTP/1.1\nHost: 127.0.0.1:{listener.Port}\n", await answered);
    }

    [TestMethod]
    public void Knows_a_handler_whose_guard_was_loosened()
    {
        AssertLoosened(handler => handler.ConnectCallback = null);
        AssertLoosened(handler => handler.ConnectCallback = (_, _) => throw new NotSupportedException());
        AssertLoosened(handler => handler.ConnectCallback = new GuardedConnect(UpstreamTrust.Operator, Resolver).ConnectAsync);
        AssertLoosened(handler => handler.UseProxy = true);
        AssertLoosened(handler => handler.AllowAutoRedirect = true);
        AssertLoosened(handler => handler.UseCookies = true);

        using var other = new HttpClientHandler();
        Assert.IsFalse(UpstreamHandlerFactory.IsGuarded(other, UpstreamTrust.Public));
    }

    private static HttpClient Client()
    {
        var handler = UpstreamHandlerFactory.Create(UpstreamTrust.Operator, Resolver, UpstreamHandlerFactory.DefaultConnectTimeout);
        handler.UseProxy = false; // whatever proxy the environment of the test run names
        return new(handler);
    }

    private static void AssertLoosened(Action<SocketsHttpHandler> loosen)
    {
        using var handler = UpstreamHandlerFactory.Create(UpstreamTrust.Public, Resolver, UpstreamHandlerFactory.DefaultConnectTimeout);
        loosen(handler);
        Assert.IsFalse(UpstreamHandlerFactory.IsGuarded(handler, UpstreamTrust.Public));
    }
}
