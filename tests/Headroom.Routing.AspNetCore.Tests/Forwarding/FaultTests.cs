using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Upstreams that can't be reached: who is told what, and whether to try again.</summary>
[TestClass]
public sealed class FaultTests
{
    private const string Unreachable = "upstream_unreachable";

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task An_upstream_that_is_down_is_a_bad_gateway_worth_another_try(bool http2)
    {
        using var closed = new ClosedPort();
        await using var host = await Gateway.ToAsync(closed.Address, ("Headroom:Upstreams:down", closed.Address.ToString()));
        foreach (var named in new[] { null, "down" })
        {
            using var client = Naming(host.CreateClient(http2), named);
            using var content = new StringContent(new string('x', 100_000));
            using var response = await client.PostAsync("/v1/responses", content);
            await ErrorAssert.IsAsync(response, 502, Unreachable, retry: true);
        }
    }

    [TestMethod]
    [DataRow("down")]
    [DataRow("http://down.example/v1")]
    [DataRow(null)]
    public async Task A_connection_that_takes_too_long_is_a_timeout_worth_another_try(string? named)
    {
        await using var host = await StartAsync(new FakeResolver((_, _) => FakeResolver.Never), ("Headroom:ConnectTimeout", "00:00:00.2"));
        using var content = new StringContent("{}");
        using var response = await Naming(host.CreateClient(), named).PostAsync("/v1/responses", content);
        await ErrorAssert.IsAsync(response, 504, "upstream_timeout", retry: true);
    }

    [TestMethod]
    [DataRow("down", 424)]
    [DataRow("http://exact.example", 424)]
    [DataRow(null, 502)]
    public async Task A_name_that_does_not_exist_is_told_to_who_chose_it(string? named, int status)
    {
        await using var host = await StartAsync(new FakeResolver(), ("Headroom:AllowedUpstreams:0", "http://exact.example"));
        using var response = await Naming(host.CreateClient(), named).GetAsync("/v1/models");
        var body = await ErrorAssert.IsAsync(response, status, Unreachable, retry: false);
        Assert.DoesNotContain(".example", body);
    }

    // Any difference would let a caller map the network behind the gateway.
    [TestMethod]
    public async Task Under_a_wildcard_no_answer_tells_which_names_exist()
    {
        await using var inside = RawUpstream.Start();
        string[] upstreams =
        [
            "http://not.listed.com", $"http://hanging.wild.example:{inside.Address.Port}", $"http://missing.wild.example:{inside.Address.Port}", $"http://inside.wild.example:{inside.Address.Port}",
        ];
        var resolver = new FakeResolver((host, _) => host switch
        {
            "inside.wild.example" => FakeResolver.Answer("127.0.0.1"),
            "hanging.wild.example" => FakeResolver.Never,
            _ => FakeResolver.NotFound,
        });
        await using var host = await StartAsync(
            resolver, ("Headroom:AllowedUpstreams:0", "http://*.wild.example:*"), ("Headroom:ConnectTimeout", "00:00:00.2"));
        var answers = new HashSet<string>();
        foreach (var upstream in upstreams)
        {
            using var response = await Naming(host.CreateClient(), upstream).GetAsync("/v1/models");
            var body = await ErrorAssert.IsAsync(response, 403, "upstream_not_allowed", retry: false);
            answers.Add($"{string.Join("; ", response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(", ", header.Value)}"))} {body}");
        }

        Assert.HasCount(1, answers);
        Assert.AreEqual(0, await inside.CountConnectionsAsync());
    }

    [TestMethod]
    [DataRow("named", 424)]
    [DataRow(null, 502)]
    public async Task A_certificate_that_is_not_valid_is_told_to_who_chose_the_upstream(string? named, int status)
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(context => context.Response.WriteAsync("secret"));
        await using var host = await Gateway.ToAsync(upstream.Address, ("Headroom:Upstreams:named", upstream.Address.ToString()));
        using var content = new StringContent("{}");
        using var response = await Naming(host.CreateClient(), named).PostAsync("/v1/responses", content);
        await ErrorAssert.IsAsync(response, status, Unreachable, retry: false);
    }

    [TestMethod]
    public async Task An_upstream_without_tls_where_tls_is_asked_for_is_told_so()
    {
        await using var plain = await KestrelUpstream.StartAsync(_ => Task.CompletedTask);
        var secure = new UriBuilder(plain.Address) { Scheme = Uri.UriSchemeHttps };
        await using var host = await Gateway.ToAsync(plain.Address, ("Headroom:Upstreams:plain", secure.Uri.ToString()));
        using var response = await Naming(host.CreateClient(), "plain").GetAsync("/v1/models");
        await ErrorAssert.IsAsync(response, 424, Unreachable, retry: false);
    }

    // The same host and port, once by the operator's rule and once by the public one, which loopback addresses do not pass.
    [TestMethod]
    public async Task A_connection_that_one_rule_opened_serves_no_request_of_the_other()
    {
        await using var upstream = RawUpstream.Start();
        var origin = $"http://pool.example:{upstream.Address.Port}";
        await using var host = await StartAsync(
            new FakeResolver("127.0.0.1"), ("Headroom:Upstreams:operators", origin + "/operators"), ("Headroom:AllowedUpstreams:0", "http://*.example:*"));
        using var operators = await Naming(host.CreateClient(), "operators").GetAsync("/v1/models");
        Assert.AreEqual(200, (int)operators.StatusCode);

        using var callers = await Naming(host.CreateClient(), origin + "/other").GetAsync("/v1/models");
        await ErrorAssert.IsAsync(callers, 403, "upstream_not_allowed", retry: false);
        using var again = await Naming(host.CreateClient(), "operators").GetAsync("/v1/models");
        Assert.AreEqual(200, (int)again.StatusCode);
        Assert.HasCount(2, upstream.Requests);
        Assert.AreEqual(1, await upstream.CountConnectionsAsync());
    }

    [TestMethod]
    [DataRow("Content-Length: 100000", "")]
    [DataRow("Transfer-Encoding: chunked", "186a0\r\n")]
    public async Task A_body_shorter_than_declared_does_not_look_whole_upstream(string framing, string chunk)
    {
        var arrived = new TaskCompletionSource();
        var end = new TaskCompletionSource<StreamEnd>();
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            arrived.SetResult();
            end.SetResult((await exchange.ReadBodyAsync()).End);
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", framing) + chunk + new string('x', 50_000));
        await arrived.Task.WithPatience("the head of the request");
        client.FinishSending();
        Assert.AreNotEqual(StreamEnd.Clean, await Patience.For(end.Task, "the upstream to see the end"));
    }

    [TestMethod]
    public async Task A_malformed_body_is_the_clients_fault()
    {
        var arrived = new TaskCompletionSource();
        var end = new TaskCompletionSource<StreamEnd>();
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            arrived.SetResult();
            end.SetResult((await exchange.ReadBodyAsync()).End);
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Transfer-Encoding: chunked") + "8000\r\n" + new string('x', 0x8000) + "\r\n");
        await arrived.Task.WithPatience("the head of the request");
        await client.SendAsync("no size\r\n");
        await ErrorAssert.IsAsync(await client.ReadResponseAsync(), 400, "invalid_request", retry: false);
        Assert.AreNotEqual(StreamEnd.Clean, await Patience.For(end.Task, "the upstream to see the end"));
    }

    private static Task<GatewayHost> StartAsync(IHostResolver resolver, params (string, string)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton(resolver);
            builder.AddProxyTo(new Uri("http://base.example"), [("Headroom:Upstreams:down", "http://down.example/v1"), .. settings]);
        },
        app => app.MapHeadroomRoutes());

    private static HttpClient Naming(HttpClient client, string? upstream)
    {
        if (upstream is not null)
        {
            client.DefaultRequestHeaders.Add("X-Headroom-Upstream", upstream);
        }

        return client;
    }
}
