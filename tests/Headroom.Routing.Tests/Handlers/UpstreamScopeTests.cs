using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.Tests.Handlers;

[TestClass]
public sealed class UpstreamScopeTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions());

    [TestMethod]
    public async Task Requests_within_it_go_to_its_upstream_and_those_after_it_do_not()
    {
        using (new UpstreamScope("deepseek"))
        {
            Assert.AreEqual("api.deepseek.com", await HostAsync());
        }

        Assert.AreEqual("api.openai.com", await HostAsync());
    }

    [TestMethod]
    public async Task The_innermost_counts()
    {
        using var outer = new UpstreamScope("deepseek");
        using (new UpstreamScope("https://openrouter.ai/api/v1"))
        {
            Assert.AreEqual("openrouter.ai", await HostAsync());
        }

        Assert.AreEqual("api.deepseek.com", await HostAsync());
    }

    [TestMethod]
    [DataRow(HeadroomHeaders.Upstream)]
    [DataRow(HeadroomHeaders.BaseUrl)]
    public async Task What_a_request_says_itself_goes_before_it(string header)
    {
        using var scope = new UpstreamScope("deepseek");

        Assert.AreEqual("openrouter.ai", await HostAsync((header, "openrouter")));
    }

    [TestMethod]
    public async Task It_flows_with_the_code_that_opened_it_and_to_nobody_else()
    {
        async Task<string> InAScopeAsync(string upstream, string host)
        {
            using var scope = new UpstreamScope(upstream);
            await Task.Yield();
            Assert.AreEqual(host, await Task.Run(() => HostAsync()));
            return await HostAsync();
        }

        var hosts = await Task.WhenAll(InAScopeAsync("deepseek", "api.deepseek.com"), InAScopeAsync("openrouter", "openrouter.ai"));

        CollectionAssert.AreEqual(new[] { "api.deepseek.com", "openrouter.ai" }, hosts);
        Assert.AreEqual("api.openai.com", await HostAsync());
    }

    [TestMethod]
    public async Task It_is_over_for_code_that_it_flowed_to_and_that_still_runs()
    {
        var over = new TaskCompletionSource();
        var scope = new UpstreamScope("deepseek");
        var late = Task.Run(async () =>
        {
            await over.Task;
            return await HostAsync();
        });

        scope.Dispose();
        scope.Dispose();
        over.SetResult();

        Assert.AreEqual("api.openai.com", await late);
    }

    [TestMethod]
    public async Task Scopes_that_are_closed_in_another_order_leave_none_behind()
    {
        var outer = new UpstreamScope("deepseek");
        var inner = new UpstreamScope("openrouter");
        outer.Dispose();
        Assert.AreEqual("openrouter.ai", await HostAsync());

        inner.Dispose();
        Assert.AreEqual("api.openai.com", await HostAsync());
    }

    [TestMethod]
    public async Task A_request_that_is_sent_again_is_redirected_once()
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(sent, client => client.AddHttpMessageHandler(() => new Twice()).AddUpstreamOverride());
        using var scope = new UpstreamScope("openrouter");

        await client.SendAsync();

        Assert.AreEqual(2, sent.Count);
        Assert.AreEqual("https://openrouter.ai/api/v1/chat/completions", sent.Last.RequestUri!.OriginalString);
    }

    [TestMethod]
    public async Task What_it_names_is_judged_like_a_header()
    {
        using var scope = new UpstreamScope("https://elsewhere.example");

        await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => HostAsync());
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow(" ")]
    public async Task Nothing_is_not_an_upstream(string? upstream)
    {
        Assert.Throws<ArgumentException>(() => new UpstreamScope(upstream!));

        Assert.AreEqual("api.openai.com", await HostAsync());
    }

    private static async Task<string> HostAsync(params (string Name, string Value)[] headers)
    {
        using var sent = new SentRequests();
        using var client = new HttpClient(new UpstreamOverrideHandler(Resolver) { InnerHandler = sent.Handler });
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://api.openai.com/v1/chat/completions");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await client.SendAsync(request);
        return sent.Single.RequestUri!.Host;
    }

    private sealed class Twice : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (await base.SendAsync(request, cancellationToken)).Dispose();
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
