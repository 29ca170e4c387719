namespace Headroom.Routing.Tests.Handlers;

[TestClass]
public sealed class UpstreamOverrideHandlerTests
{
    private const string OpenAI = "https://api.openai.com/v1/chat/completions";

    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions
    {
        AllowedUpstreams = { "https://api.deepseek.com", "https://gateway.example/team" },
        Upstreams = { ["local"] = "http://127.0.0.1:11434/v1" },
    });

    [TestMethod]
    [DataRow("https://api.deepseek.com/v1/", "https://api.deepseek.com/v1/chat/completions?a=%2F&a=")]
    [DataRow("https://gateway.example/team", "https://gateway.example/team/v1/chat/completions?a=%2F&a=")]
    [DataRow("local", "http://127.0.0.1:11434/v1/chat/completions?a=%2F&a=")]
    public async Task Sends_a_request_to_the_upstream_that_it_names(string upstream, string url)
    {
        using var sent = new SentRequests();
        using var client = Client(sent.Handler);
        using var request = Request(OpenAI + "?a=%2F&a=", (HeadroomHeaders.Upstream, upstream), ("Authorization", "Bearer sk-test"));
        request.Headers.Host = "api.openai.com";

        await client.SendAsync(request);

        Assert.AreEqual(url, sent.Single.RequestUri!.OriginalString);
        Assert.IsNull(sent.Single.Headers.Host);
        Assert.AreEqual("Authorization", sent.Single.Headers.NonValidated.Single().Key);
        Assert.IsTrue(sent.Single.Options.TryGetValue(HeadroomRequestOptions.Target, out var target));
        Assert.AreNotEqual(UpstreamChoice.Configured, target.Choice);
        Assert.AreEqual("OpenAI", target.Provider?.Name);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow(null)]
    public async Task Leaves_a_request_that_names_none_where_it_was_going(string? upstream)
    {
        using var sent = new SentRequests();
        using var client = Client(sent.Handler);
        using var request = Request("http://10.1.2.3:8080/a/../b%2Fc?q=%3A", ("x-headroom-mode", "fast"));
        if (upstream is not null)
        {
            request.Headers.TryAddWithoutValidation(HeadroomHeaders.Upstream, upstream);
        }

        var before = request.RequestUri;
        await client.SendAsync(request);

        Assert.AreSame(before, sent.Single.RequestUri);
        Assert.IsFalse(sent.Single.Options.TryGetValue(HeadroomRequestOptions.Target, out _));
        Assert.IsEmpty(sent.Single.Headers.NonValidated);
    }

    [TestMethod]
    public async Task A_key_that_is_bound_to_callers_is_sent_for_nobody()
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions { Upstreams = { ["azure"] = new() { BaseAddress = "https://a.example", Headers = { ["api-key"] = "k" }, AllowCallers = { "staff" } } } });
        using var sent = new SentRequests();
        using var client = new HttpMessageInvoker(new UpstreamOverrideHandler(resolver) { InnerHandler = sent.Handler });
        using var request = Request(OpenAI, (HeadroomHeaders.Upstream, "azure"));

        var refused = await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => client.SendAsync(request, CancellationToken.None));

        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, refused.Refusal.Reason);
        Assert.AreEqual(0, sent.Count);
    }

    [TestMethod]
    [DataRow("https://elsewhere.example", RefusalReason.UpstreamNotAllowed)]
    [DataRow("https://gateway.example/other", RefusalReason.UpstreamNotAllowed)]
    [DataRow("https://user:secret@api.deepseek.com", RefusalReason.InvalidUpstream)]
    [DataRow("https://api.deepseek.com, https://api.deepseek.com", RefusalReason.InvalidUpstream)]
    [DataRow("no-such-name", RefusalReason.InvalidUpstream)]
    public async Task Sends_nothing_when_the_upstream_is_refused(string upstream, RefusalReason reason)
    {
        using var sent = new SentRequests();
        using var client = Client(sent.Handler);
        using var request = Request(OpenAI, (HeadroomHeaders.Upstream, upstream));

        var refused = await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => client.SendAsync(request));

        Assert.AreEqual(reason, refused.Refusal.Reason);
        Assert.AreEqual(refused.Refusal.Message, refused.Message);
        Assert.DoesNotContain("secret", refused.ToString());
        Assert.AreEqual(0, sent.Count);
    }

    [TestMethod]
    public async Task Refuses_a_header_that_is_repeated()
    {
        using var sent = new SentRequests();
        using var client = Client(sent.Handler);
        using var request = Request(
            OpenAI, (HeadroomHeaders.Upstream, "https://api.deepseek.com"), (HeadroomHeaders.Upstream, "https://api.deepseek.com"));

        await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => client.SendAsync(request));

        Assert.AreEqual(0, sent.Count);
    }

    [TestMethod]
    public async Task A_refusal_is_a_failed_request()
    {
        using var sent = new SentRequests();
        using var client = Client(sent.Handler);
        using var request = Request(OpenAI, ("X-Headroom-Upsteam", "https://api.deepseek.com"), ("Authorization", "Bearer sk-test"));

        HttpRequestException failure = await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => client.SendAsync(request));

        Assert.Contains("X-Headroom-Upstream", failure.Message);
        Assert.AreEqual(0, sent.Count);
    }

    [TestMethod]
    public void A_request_without_an_override_costs_no_copy_of_its_headers()
    {
        using var end = new SyncHandler();
        using var with = new HttpMessageInvoker(new UpstreamOverrideHandler(Resolver) { InnerHandler = end });
        using var without = new HttpMessageInvoker(new HeaderStrippingHandler { InnerHandler = end });
        var many = Enumerable.Range(0, 40).Select(number => ($"x-header-{number}", "a value of some length")).ToArray();
        using var request = Request(OpenAI, many);

        var baseline = Allocated(without);
        var spent = Allocated(with);

        // A copy would be a dictionary of 40 entries, some 5 KB.
        Assert.IsLessThan(baseline + 1_000, spent);

        long Allocated(HttpMessageInvoker invoker)
        {
            invoker.Send(request, CancellationToken.None).Dispose();
            var before = GC.GetAllocatedBytesForCurrentThread();
            invoker.Send(request, CancellationToken.None).Dispose();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [TestMethod]
    [DataRow("https://api.deepseek.com")]
    [DataRow("not an upstream")]
    public async Task Never_redirects_a_login(string upstream)
    {
        using var sent = new SentRequests();
        using var client = Client(sent.Handler);
        using var request = Request(
            "https://chatgpt.com/backend-api/codex/responses", (HeadroomHeaders.Upstream, upstream), ("Authorization", "Bearer " + Jwt.OfLogin));

        await client.SendAsync(request);

        Assert.AreEqual("https://chatgpt.com/backend-api/codex/responses", sent.Single.RequestUri!.OriginalString);
        Assert.AreEqual("Authorization", sent.Single.Headers.NonValidated.Single().Key);
    }

    [TestMethod]
    public void Works_synchronously()
    {
        using var end = new SyncHandler();
        using var client = Client(end);
        using var good = Request(OpenAI, (HeadroomHeaders.Upstream, "https://api.deepseek.com"));
        using var bad = Request(OpenAI, (HeadroomHeaders.Upstream, "https://elsewhere.example"));

        using var response = client.Send(good);
        Assert.ThrowsExactly<UpstreamRefusedException>(() => client.Send(bad));

        Assert.AreEqual("https://api.deepseek.com/v1/chat/completions", end.Requests.Single().RequestUri!.OriginalString);
    }

    [TestMethod]
    public async Task Says_what_is_missing_from_a_request_without_an_absolute_url()
    {
        using var sent = new SentRequests();
        using var invoker = new HttpMessageInvoker(new UpstreamOverrideHandler(Resolver) { InnerHandler = sent.Handler });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/models", UriKind.Relative));

        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => invoker.SendAsync(request, CancellationToken.None));

        Assert.Contains("BaseAddress", failure.Message);
    }

    private static HttpClient Client(HttpMessageHandler end) => new(new UpstreamOverrideHandler(Resolver) { InnerHandler = end });

    private static HttpRequestMessage Request(string url, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
