using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>Whether a request comes to the proxy at all is explained as the app then decides it.</summary>
[TestClass]
public sealed class EndpointStepTests
{
    [TestMethod]
    [DataRow("GET", "/favicon.ico", "X: y", "true", "leftToApp", "neither the path nor the headers")]
    [DataRow("GET", "/v1/ordrs", "X: y", "true", "leftToApp", "neither the path nor the headers")]
    [DataRow("GET", "/odd", "X-Headroom-Upstream: openrouter", "true", "forwarded", "catch-all")]
    [DataRow("GET", "/odd", "X-Headroom-Upstream: openrouter", "false", "leftToApp", "Headroom:CatchAll is off")]
    [DataRow("GET", "/v1/models", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "/upstream/odd", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "/V1/mod%65ls", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "/v1internal:x", "X: y", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "/v1/models//x/", "X: y", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "//v1/models", "X: y", "true", "forwarded", "The proxy's catch-all, because of the path")]
    [DataRow("GET", "//v1/models", "X: y", "false", "leftToApp", "Headroom:CatchAll is off")]
    [DataRow("GET", "//upstream/odd", "X-Headroom-Upstream: openrouter", "false", "leftToApp", "Headroom:CatchAll is off")]
    [DataRow("GET", "//@openrouter/odd", "X: y", "false", "leftToApp", "Headroom:CatchAll is off")]
    [DataRow("GET", "/v1//models", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "/v1//models", "X: y", "true", "leftToApp", "neither the path nor the headers")]
    [DataRow("POST", "/v1/complete/", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("POST", "/v1/complete//", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("POST", "/model//invoke", "X-Headroom-Upstream: openrouter", "false", "leftToApp", "Headroom:CatchAll is off")]
    [DataRow("POST", "/@openrouter/", "X: y", "false", "forwarded", "has one for the path")]
    [DataRow("POST", "/@/x", "X: y", "false", "leftToApp", "Headroom:CatchAll is off")]
    [DataRow("POST", "/", "X-Headroom-Upstream: openrouter", "true", "forwarded", "The proxy's catch-all, because of the headers")]
    [DataRow("GET", "/favicon.ico", "X-Headroom-Upsteam: openrouter", "true", "refused", "because of the headers")]
    [DataRow("GET", "/v1/x%2f..%2fy", "Authorization: Bearer sk-x", "true", "refused", "Every endpoint of the proxy refuses it")]
    [DataRow("GET", "/odd/%2e%2e/y", "X: y", "true", "refused", "Every endpoint of the proxy refuses it")]
    [DataRow("GET", "/v1/chat/completions/../../../favicon.ico", "X: y", "false", "refused", "If it comes to none of them, it is left to the app")]
    [DataRow("GET", "/favicon.ico/../v1/models", "X: y", "false", "refused", "Every endpoint of the proxy refuses it")]
    public async Task Whether_the_request_is_the_proxys_at_all_is_told(string method, string target, string header, string catchAll, string outcome, string text)
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:CatchAll", catchAll));

        var explained = await Explained.AskAsync(gateway.Address, method, target, header);

        Assert.AreEqual(outcome, explained.Outcome);
        Assert.Contains(text, explained.Step("endpoint")!);
        var answer = await Answer.OfAsync(gateway.Address, method, target, header);
        Assert.AreEqual(outcome == "forwarded", answer.Url.Length > 0);
        if (outcome == "leftToApp")
        {
            Assert.AreEqual((404, ""), (answer.Status, answer.Body));
        }
    }

    [TestMethod]
    public async Task A_provider_that_was_switched_off_after_the_start_has_its_endpoints_still()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:CatchAll", "false"), ("Headroom:Providers:Anthropic:Enabled", "true"));
        var configuration = (IConfigurationRoot)gateway.Services.GetRequiredService<IConfiguration>();
        configuration["Headroom:Providers:Anthropic:Enabled"] = "false";
        configuration.Reload();

        var explained = await Explained.AskAsync(gateway.Address, "POST", "/v1/messages");

        Assert.AreEqual(("refused", 404, "no_upstream"), (explained.Outcome, explained.Status, explained.Slug));
        Assert.Contains(explained.Message!, (await Answer.OfAsync(gateway.Address, "POST", "/v1/messages")).Body);
    }

    [TestMethod]
    public async Task A_CONNECT_is_refused_as_a_tunnel_is()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync();
        await using var client = await RawHttp2Client.ConnectAsync(gateway.Http2Address);

        var explained = await Explained.AskAsync(gateway.Services, "CONNECT", "/v1/models");

        Assert.AreEqual(("refused", 400, "invalid_request", "method"), (explained.Outcome, explained.Status, explained.Slug, explained.Steps[^1]));
        var answer = await client.SendAsync("CONNECT", "/v1/models", (":protocol", "other"));
        Assert.AreEqual(400, answer.Status);
        Assert.Contains(explained.Message!, answer.Text);
    }
}
