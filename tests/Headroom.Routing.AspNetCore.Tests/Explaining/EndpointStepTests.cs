using Headroom.Routing.AspNetCore.Tests.Support;

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
    [DataRow("GET", "/v1/x%2f..%2fy", "Authorization: Bearer sk-x", "true", "refused", "has one for the path")]
    [DataRow("GET", "/odd/%2e%2e/y", "X: y", "true", "refused", "Every endpoint of the proxy refuses it")]
    public async Task Whether_the_request_is_the_proxys_at_all_is_told(string method, string target, string header, string catchAll, string outcome, string text)
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:CatchAll", catchAll));

        var explained = await Explained.AskAsync(gateway.Address, method, target, header);

        Assert.AreEqual(outcome, explained.Outcome);
        Assert.Contains(text, explained.Step("endpoint")!);
        var answer = await Answer.OfAsync(gateway.Address, method, target, header);
        Assert.AreEqual(outcome == "forwarded", answer.Url.Length > 0);
    }
}
