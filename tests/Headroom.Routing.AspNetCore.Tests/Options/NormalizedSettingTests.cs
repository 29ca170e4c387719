using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>Settings that can be meant in only one way do what is meant.</summary>
[TestClass]
public sealed class NormalizedSettingTests
{
    [TestMethod]
    [DataRow("https://chat.example.com", "https://chat.example.com")]
    [DataRow("HTTPS://Chat.Example.COM/", "https://chat.example.com")]
    [DataRow("https://chat.example.com:443", "https://chat.example.com")]
    [DataRow("http://chat.example.com:80/", "http://chat.example.com")]
    [DataRow("https://chat.example.com:80", "https://chat.example.com:80")]
    [DataRow(" https://chat.example.com ", "https://chat.example.com")]
    [DataRow("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443")]
    [DataRow("https://bücher.example", "https://xn--bcher-kva.example")]
    [DataRow("tauri://localhost", "tauri://localhost")]
    [DataRow("chrome-extension://abcdef/", "chrome-extension://abcdef")]
    [DataRow(" * ", "*")]
    public void An_origin_is_what_a_browser_sends(string written, string sent)
    {
        Assert.IsTrue(WebOrigin.TryParse(written, out var origin));
        Assert.AreEqual(sent, origin);
    }

    [TestMethod]
    [DataRow("https://chat.example.com:443")]
    [DataRow("HTTPS://CHAT.EXAMPLE.COM:443/")]
    public async Task A_page_may_call_however_its_origin_is_written(string written)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address, ("Headroom:AllowedOrigins:0", written));

        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "GET", "/v1/models", "Origin: https://chat.example.com")).Status);
        Assert.AreEqual(403, (await Answer.OfAsync(host.Address, "GET", "/v1/models", "Origin: https://chat.example.com:8443")).Status);
    }

    [TestMethod]
    [DataRow("StripRequestHeaders", " X-Foo ")]
    [DataRow("StripRequestHeaders", "X-Fo* ")]
    [DataRow("AlsoStripRequestHeaders", "X-Foo\t")]
    public async Task Spaces_around_a_headers_name_do_not_count(string list, string name)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address, ($"Headroom:{list}:0", name));

        await Answer.OfAsync(host.Address, "GET", "/v1/models", "X-Foo: dropped", "X-Bar: kept");

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("dropped", request.HeadText);
        Assert.HasCount(1, request.Values("X-Bar"));
    }

    [TestMethod]
    public async Task A_further_list_of_request_headers_leaves_the_defaults_in_force()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address, ("Headroom:AlsoStripRequestHeaders:0", "X-Team-*"));

        await Answer.OfAsync(host.Address, "GET", "/v1/models", "X-Team-A: dropped", "Cookie: dropped", "X-Forwarded-For: dropped", "X-Kept: kept");

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("dropped", request.HeadText);
        Assert.HasCount(1, request.Values("X-Kept"));
    }

    [TestMethod]
    public async Task A_further_list_of_request_headers_adds_to_the_one_that_replaces_the_defaults()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(
            upstream.Address, ("Headroom:StripRequestHeaders:0", "X-One"), ("Headroom:AlsoStripRequestHeaders:0", "X-Two"));

        await Answer.OfAsync(host.Address, "GET", "/v1/models", "X-One: dropped", "X-Two: dropped", "Cookie: a=b");

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("dropped", request.HeadText);
        Assert.HasCount(1, request.Values("Cookie"));
    }

    [TestMethod]
    public async Task A_further_list_of_response_headers_leaves_the_defaults_in_force()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(
            200, "", ("Set-Cookie", "dropped"), ("X-Team-A", "dropped"), ("X-Kept", "kept")));
        await using var host = await Gateway.ToAsync(upstream.Address, ("Headroom:AlsoStripResponseHeaders:0", "x-team-*"));

        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models"));
        var response = await client.ReadResponseAsync();

        Assert.IsEmpty(response.Values("Set-Cookie"));
        Assert.IsEmpty(response.Values("X-Team-A"));
        Assert.HasCount(1, response.Values("X-Kept"));
    }
}
