using System.Globalization;
using System.Net;
using System.Text;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>What a client sees of a response's status line, headers and trailers.</summary>
[TestClass]
public sealed class ResponseHeaderTests
{
    [TestMethod]
    public async Task Status_reason_and_headers_arrive_as_they_were_sent()
    {
        string[] sent =
        [
            "Date: Sun, 22 Nov 2026 10:00:00 GMT", "Server: odd/1", "x-ratelimit-remaining-requests: 59", "X-RateLimit-Reset: 1s",
            "anthropic-ratelimit-tokens-limit: 1", "x-request-id: req_1", "request-id: req_2", "openai-processing-ms: 5", "cf-ray: 1-AMS",
            "WWW-Authenticate: Basic", "WWW-Authenticate: Bearer realm=\"a, b\"", "X-Two: 1", "X-Two: 2, 3", "X-Empty: ", "Via: 1.1 other",
            "Vary: Accept", "Vary: Origin", "Content-Type: Application/JSON;Charset=\"UTF-8\"", "Content-Language: de, en",
            "Content-Encoding: odd", "ETag: W/\"x\"", "Content-Length: 2",
        ];
        await using var upstream = RawUpstream.Start(exchange =>
            exchange.WriteAsync($"HTTP/1.1 418 I am odd\r\n{string.Concat(sent.Select(line => line + "\r\n"))}\r\nok"));
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models"));

        var response = await client.ReadResponseAsync();
        Assert.StartsWith("HTTP/1.1 418 I am odd\r\n", response.HeadText);
        CollectionAssert.AreEquivalent(
            sent.Select(line => line.ToLowerInvariant().TrimEnd()).ToArray(),
            response.Headers.Select(header => $"{header.Name}: {header.Value}".ToLowerInvariant().TrimEnd()).ToArray());
        Assert.AreEqual("Application/JSON;Charset=\"UTF-8\"", response.Values("Content-Type")[0]);
        Assert.AreEqual("ok", (await response.ReadToEndAsync()).Text);
    }

    [TestMethod]
    [DataRow(429, "Retry-After", "17")]
    [DataRow(302, "Location", "http://127.0.0.1:1/elsewhere")]
    [DataRow(307, "Location", "/v1/elsewhere")]
    [DataRow(408, "x-should-retry", "true")]
    [DataRow(529, "x-should-retry", "false")]
    public async Task Statuses_are_the_clients_to_act_on(int status, string name, string value)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(status, "its own words", (name, value)));
        await using var host = await Gateway.ToAsync(upstream.Address);
        foreach (var http2 in new[] { false, true })
        {
            using var content = new StringContent("{}");
            using var response = await host.CreateClient(http2).PostAsync("/v1/responses", content);
            Assert.AreEqual(status, (int)response.StatusCode);
            Assert.AreEqual(value, response.Headers.NonValidated[name].ToString());
            Assert.AreEqual("its own words", await response.Content.ReadAsStringAsync());
        }

        Assert.HasCount(2, upstream.Requests);
    }

    [TestMethod]
    [DataRow("204 No Content", "Content-Length: 0", "")]
    [DataRow("204 No Content", "Content-Length: 3", "")]
    [DataRow("205 Reset Content", "Content-Length: 3", "abc")]
    [DataRow("205 Reset Content", "Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n")]
    public async Task A_status_without_a_body_passes_whatever_the_upstream_announces(string status, string header, string body)
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync($"HTTP/1.1 {status}\r\n{header}\r\nX-Kept: kept\r\n\r\n{body}");
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        foreach (var http2 in new[] { false, true })
        {
            using var response = await host.CreateClient(http2).GetAsync("/v1/models");
            Assert.AreEqual(status[..3], ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
            Assert.AreEqual("kept", response.Headers.NonValidated["X-Kept"].ToString());
            Assert.AreEqual("", await response.Content.ReadAsStringAsync());
        }
    }

    [TestMethod]
    [DataRow("Set-Cookie")]
    [DataRow("set-cookie")]
    [DataRow("Strict-Transport-Security")]
    [DataRow("Alt-Svc")]
    [DataRow("Clear-Site-Data")]
    [DataRow("X-Headroom-Error")]
    [DataRow("x-headroom-error")]
    public async Task What_would_act_on_the_gateways_origin_is_dropped_but_the_hosts_own_stays(string name)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "", (name, "of the upstream"), (name, "twice"), ("X-Kept", "kept")));
        await using var host = await GatewayHost.StartAsync(
            builder => builder.AddProxyTo(upstream.Address),
            app =>
            {
                app.Use((context, next) =>
                {
                    if (context.Request.Query.ContainsKey("own"))
                    {
                        context.Response.Headers[name] = new[] { "of the host", "and this" };
                    }

                    return next(context);
                });
                app.MapHeadroomRoutes();
            });
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models"));
        var plain = await client.ReadResponseAsync();
        Assert.IsEmpty(plain.Values(name));
        CollectionAssert.AreEqual(new[] { "kept" }, plain.Values("X-Kept").ToArray());

        await client.SendAsync(Gateway.Request("GET", "/v1/models?own"));
        CollectionAssert.AreEqual(new[] { "of the host", "and this" }, (await client.ReadResponseAsync()).Values(name).ToArray());
    }

    [TestMethod]
    public async Task The_operator_chooses_what_is_dropped_but_an_upstream_never_speaks_for_the_proxy()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(
            200, "", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Internal-Node", "dropped"), ("X-Headroom-Error", "dropped")));
        await using var host = await Gateway.ToAsync(upstream.Address, ("Headroom:StripResponseHeaders:0", "x-internal-*"));
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models"));

        var response = await client.ReadResponseAsync();
        Assert.DoesNotContain("dropped", response.HeadText);
        CollectionAssert.AreEqual(new[] { "a=1", "b=2" }, response.Values("Set-Cookie").ToArray());
    }

    [TestMethod]
    public async Task What_Connection_names_is_for_one_hop()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(
            200, "body", ("Connection", "X-Hop, content-language"), ("x-hop", "hop"), ("Content-Language", "hop"), ("Keep-Alive", "hop"),
            ("Proxy-Authenticate", "hop"), ("X-Kept", "kept")));
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models"));

        var response = await client.ReadResponseAsync();
        Assert.DoesNotContain("hop", response.HeadText.ToLowerInvariant());
        CollectionAssert.AreEqual(new[] { "kept" }, response.Values("X-Kept").ToArray());
        Assert.AreEqual("body", (await response.ReadToEndAsync()).Text);
    }

    // Kestrel has trailers for HTTP/2 alone.
    [TestMethod]
    public async Task Trailers_that_the_server_has_no_means_to_send_do_not_spoil_the_end()
    {
        await using var upstream = RawUpstream.Start(SendTrailersAsync);
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models", "TE: trailers"));

        var body = await (await client.ReadResponseAsync()).ReadToEndAsync();
        Assert.AreEqual(StreamEnd.Clean, body.End);
        Assert.AreEqual("body", body.Text);
        Assert.IsEmpty(body.Trailers);
    }

    [TestMethod]
    public async Task Trailers_arrive_over_http2()
    {
        await using var upstream = RawUpstream.Start(SendTrailersAsync);
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var response = await host.CreateHttp2Client().GetAsync("/v1/models");
        Assert.AreEqual("body", await response.Content.ReadAsStringAsync());
        Assert.AreEqual("X-Sum: 1, 2", string.Join("; ", response.TrailingHeaders.NonValidated.Select(trailer => $"{trailer.Key}: {trailer.Value}")), ignoreCase: true);
    }

    [TestMethod]
    public async Task Trailers_of_an_http2_upstream_arrive()
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(async context =>
        {
            context.Response.DeclareTrailer("X-Sum");
            await context.Response.WriteAsync("body");
            context.Response.AppendTrailer("X-Sum", "1");
        });
        await using var host = await Gateway.ToAsync(upstream);
        using var response = await host.CreateHttp2Client().GetAsync("/v1/models");
        Assert.AreEqual("body", await response.Content.ReadAsStringAsync());
        Assert.AreEqual("1", response.TrailingHeaders.NonValidated["X-Sum"].ToString());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_header_value_that_the_server_cannot_send_does_not_cost_the_answer(bool http2)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(
            200, "body", ("X-Name", Octets.Utf8("Zoë")), ("Content-Disposition", "attachment; filename=\"" + Octets.Utf8("é") + "\""), ("X-Kept", "kept")));
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var response = await host.CreateClient(http2).GetAsync("/v1/files/1/content");
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual("body", await response.Content.ReadAsStringAsync());
        Assert.AreEqual("kept", response.Headers.NonValidated["X-Kept"].ToString());
        Assert.IsFalse(response.Headers.NonValidated.Contains("X-Name"));
        Assert.IsFalse(response.Content.Headers.NonValidated.Contains("Content-Disposition"));
    }

    [TestMethod]
    public async Task A_server_that_can_send_any_header_value_sends_it_byte_for_byte()
    {
        var name = Octets.Utf8("Zoë 東京");
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "body", ("X-Name", name)));
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1);
                builder.AddProxyTo(upstream.Address);
            },
            app => app.MapHeadroomRoutes());
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models"));
        CollectionAssert.AreEqual(new[] { name }, (await client.ReadResponseAsync()).Values("X-Name").ToArray());
    }

    // The last four lines are nothing that a trailer may say.
    private static async Task SendTrailersAsync(RawExchange exchange)
    {
        await exchange.StartChunkedAsync(200, ("Trailer", "X-Sum"));
        await exchange.WriteChunkAsync("body");
        await exchange.WriteAsync("0\r\nX-Sum: 1\r\nX-Sum: 2\r\nSet-Cookie: a=1\r\nX-Headroom-Error: forged\r\nX-Name: \u00e9\r\nContent-Length: 1\r\n\r\n");
    }
}
