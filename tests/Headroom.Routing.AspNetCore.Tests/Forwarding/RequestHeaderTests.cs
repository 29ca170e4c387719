using System.Diagnostics;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>What an upstream sees of a request's headers.</summary>
[TestClass]
public sealed class RequestHeaderTests
{
    [TestMethod]
    public async Task Headers_arrive_as_they_were_sent_and_none_is_added()
    {
        // Whoever traces the host's requests must not make it tell the upstream so.
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        var name = Octets.Utf8("""{"name":"Zoë 東京"}""");
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "POST", "/v1/chat/completions",
            "Authorization: Bearer sk-secret", "x-api-key: k", "x-goog-api-key: g", "anthropic-version: 2026-10-21",
            "X-Two: 1", "x-two: 2, 3", "X-Two:", "X-Empty:", "Accept: text/event-stream", "Accept: application/json",
            "Accept-Encoding: gzip, deflate, br, zstd", "User-Agent: odd (agent) / 1", "x-codex-turn-metadata: " + name,
            "Content-Type: Application/JSON;charset=UTF-8", "Content-Encoding: odd", "Content-Length: 2") + "{}");
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        var request = await upstream.NextRequestAsync();
        string[] expected =
        [
            "authorization: Bearer sk-secret", "x-api-key: k", "x-goog-api-key: g", "anthropic-version: 2026-10-21",
            "x-two: 1, 2, 3, ", "x-empty: ", "accept: text/event-stream, application/json",
            "accept-encoding: gzip, deflate, br, zstd", "user-agent: odd (agent) / 1", "x-codex-turn-metadata: " + name,
            "content-type: Application/JSON;charset=UTF-8", "content-encoding: odd", "content-length: 2",
            "host: " + upstream.Address.Authority,
        ];
        CollectionAssert.AreEquivalent(
            expected.Select(line => line.TrimEnd()).ToArray(),
            request.Headers.Select(header => $"{header.Name.ToLowerInvariant()}: {header.Value}".TrimEnd()).ToArray());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_bare_request_stays_bare(bool http2)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var response = await host.CreateClient(http2).GetAsync("/v1/models");
        Assert.AreEqual(
            $"GET /v1/models HTTP/1.1\r\nHost: {upstream.Address.Authority}\r\n\r\n",
            (await upstream.NextRequestAsync()).HeadText);
    }

    [TestMethod]
    [DataRow("X-Headroom-Upstream")]
    [DataRow("x-headroom-upstream")]
    [DataRow("X-HEADROOM-UPSTREAM")]
    [DataRow("x-HeAdRoOm-uPsTrEaM")]
    [DataRow("x-headroom-base-url")]
    [DataRow("X-Headroom-Base-Url")]
    public async Task No_control_header_leaves_in_any_spelling(string name)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(new Uri("http://127.0.0.1:9"), ("Headroom:Upstreams:here", upstream.Address.ToString()));
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "GET", "/v1/models",
            name + ": here", "x-headroom-bypass: 1", "X-HEADROOM-MODE: m", "x-Headroom-Proxy-Token: t", "X-Headroom-Tag-Team: a",
            "x-headroom-tag-team: b", "X-Headroom-: nothing", "x-headroom-never-heard-of: x", "Connection: x-headroom-mode",
            "X-Head-Room: kept"));
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("headroom", request.HeadText.ToLowerInvariant());
        CollectionAssert.AreEqual(new[] { "kept" }, request.Values("X-Head-Room").ToArray());
    }

    [TestMethod]
    public async Task No_control_header_leaves_that_a_handler_of_the_host_adds()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(
            upstream.Address, proxy => proxy.ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new LateHeaders())));
        using var content = new StringContent("{}");
        using var response = await host.CreateHttp2Client().PostAsync("/v1/responses", content);

        var request = await upstream.NextRequestAsync();
        CollectionAssert.AreEqual(new[] { "kept" }, request.Values("X-Late").ToArray());
        Assert.DoesNotContain("headroom", request.HeadText.ToLowerInvariant());
    }

    [TestMethod]
    [DataRow("Cookie")]
    [DataRow("Forwarded")]
    [DataRow("X-Forwarded-For")]
    [DataRow("x-forwarded-client-cert")]
    [DataRow("X-Real-IP")]
    [DataRow("Cf-Access-Jwt-Assertion")]
    [DataRow("X-Goog-IAP-JWT-Assertion")]
    [DataRow("X-Amzn-Oidc-Data")]
    [DataRow("x-amzn-oidc-identity")]
    [DataRow("X-MS-CLIENT-PRINCIPAL")]
    [DataRow("X-MS-CLIENT-PRINCIPAL-ID")]
    [DataRow("x-ms-token-aad-access-token")]
    [DataRow("X-Auth-Request-Access-Token")]
    [DataRow("Metadata")]
    [DataRow("metadata-flavor")]
    [DataRow("X-aws-ec2-metadata-token")]
    [DataRow("X-AWS-EC2-Metadata-Token-TTL-Seconds")]
    [DataRow("X-Google-Metadata-Request")]
    [DataRow("Proxy-Authorization")]
    [DataRow("Keep-Alive")]
    public async Task What_belongs_to_the_gateway_stays_there(string name)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models", $"{name}: of-the-gateway", "X-Kept: kept"));
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("of-the-gateway", request.HeadText);
        CollectionAssert.AreEqual(new[] { "kept" }, request.Values("X-Kept").ToArray());
    }

    [TestMethod]
    public async Task The_operator_chooses_what_stays_but_not_for_control_and_metadata_headers()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(
            upstream.Address, ("Headroom:StripRequestHeaders:0", "X-Team-*"), ("Headroom:StripRequestHeaders:1", "x-exactly"));
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "GET", "/v1/models",
            "x-team-a: dropped", "X-Exactly: dropped", "X-Exactly-Not: kept", "X-Forwarded-For: kept", "Cookie: a=1", "Cookie: b=2",
            "Metadata: dropped", "X-Headroom-Mode: dropped"));
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("dropped", request.HeadText);
        CollectionAssert.AreEqual(new[] { "kept" }, request.Values("X-Exactly-Not").ToArray());
        CollectionAssert.AreEqual(new[] { "kept" }, request.Values("X-Forwarded-For").ToArray());
        CollectionAssert.AreEqual(new[] { "a=1; b=2" }, request.Values("Cookie").ToArray());
    }

    // Without 'keep-alive' among them: Kestrel shortens such a line to that one word, and what else it named is not known to anyone.
    [TestMethod]
    public async Task What_Connection_names_is_for_one_hop()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "POST", "/v1/responses",
            "Connection: X-Hop ,, x-other-hop", "Connection: Content-Language", "X-HOP: hop", "X-Other-Hop: hop",
            "Content-Language: hop", "TE: hop", "Upgrade: hop", "X-Kept: kept", "Content-Length: 2") + "{}");
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        var request = await upstream.NextRequestAsync();
        Assert.DoesNotContain("hop", request.HeadText.ToLowerInvariant());
        CollectionAssert.AreEqual(new[] { "kept" }, request.Values("X-Kept").ToArray());
        Assert.AreEqual("{}", request.Body.Text);
    }

    [TestMethod]
    [DataRow("/v1/models/a%2Fb%3Ac%20d%7Ee%41")]
    [DataRow("/v1/models/a%252Fb")]
    [DataRow("/v1/models/ft:gpt-4o:acme::id")]
    [DataRow("/v1/models//m///x//")]
    [DataRow("/v1/models/(a)'b'*!@$&+,;p=1=x")]
    [DataRow("/v1/models/a[b]c|d^e`f{g}\"h<i>")]
    [DataRow("/%76%31/models")]
    [DataRow("/v1/models?")]
    [DataRow("/v1/models?beta=true&beta=TRUE&x=%2f%2F+%20&empty=&=&&")]
    [DataRow("/v1/models?a=b?c=d/../e&f=[g]|{h}\"^`<i>'")]
    [DataRow("/v1/models?bad=%zz%")]
    public async Task Path_and_query_arrive_byte_for_byte(string target)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", target));
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);
        Assert.AreEqual(target, (await upstream.NextRequestAsync()).Target);

        await using var http2 = await RawHttp2Client.ConnectAsync(host.Http2Address);
        Assert.AreEqual(200, (await http2.SendAsync("GET", target)).Status);
        Assert.AreEqual(target, (await upstream.NextRequestAsync()).Target);
    }

    private sealed class LateHeaders : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("X-Headroom-Late", "late");
            request.Content!.Headers.Add("x-headroom-later", "late");
            request.Headers.Add("X-Late", "kept");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
