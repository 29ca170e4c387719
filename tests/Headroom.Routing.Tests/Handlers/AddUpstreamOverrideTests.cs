using Headroom.Routing.Tests.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.Tests.Handlers;

[TestClass]
public sealed class AddUpstreamOverrideTests
{
    [TestMethod]
    public async Task A_client_of_the_factory_honors_the_header()
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(sent, client => client.AddUpstreamOverride(options => options.AllowedUpstreams.Add("https://api.mycorp.example")));

        await client.SendAsync("https://api.mycorp.example/v1");

        Assert.AreEqual("https://api.mycorp.example/v1/chat/completions", sent.Single.RequestUri!.OriginalString);
        Assert.IsEmpty(sent.Single.Headers.NonValidated);
    }

    [TestMethod]
    public async Task An_upstream_that_no_option_opens_is_refused_and_nothing_is_sent()
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(sent, client => client.AddUpstreamOverride());

        var refused = await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => client.SendAsync("https://api.mycorp.example/v1"));

        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, refused.Refusal.Reason);
        Assert.Contains("The configuration can list it in Headroom:AllowedUpstreams", refused.Message);
        Assert.DoesNotContain("gateway", refused.Message);
        Assert.AreEqual(0, sent.Count);
    }

    [TestMethod]
    public async Task A_client_whose_guarded_handler_was_replaced_is_not_created()
    {
        await using var client = LlmClient.Create(client => client.AddUpstreamOverride().UseSocketsHttpHandler((handler, _) => handler.UseCookies = false));

        Assert.Contains("AddUpstreamOverride", Assert.ThrowsExactly<InvalidOperationException>(() => client.Http).Message);
    }

    [TestMethod]
    public async Task Further_calls_add_to_the_first()
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(sent, client => client
            .AddUpstreamOverride(options => options.AllowedUpstreams.Add("https://a.example"))
            .AddUpstreamOverride(options => options.AllowedUpstreams.Add("https://b.example")));

        await client.SendAsync("https://a.example");
        await client.SendAsync("https://b.example");

        Assert.AreEqual(2, sent.Count);
    }

    [TestMethod]
    public async Task It_can_be_a_default_of_all_clients()
    {
        using var listener = new LoopbackListener();
        await using var client = LlmClient.Create(
            _ => { },
            services => services.ConfigureHttpClientDefaults(every => every.AddUpstreamOverride(options => options.AllowedUpstreams.Add("http://127.0.0.1:*"))));

        var answered = listener.AnswerAsync();
        await client.SendAsync($"http://127.0.0.1:{listener.Port}/v1");

        Assert.StartsWith("POST /v1/chat/completions HTTP/1.1\n", await answered);
    }

    [TestMethod]
    public async Task An_exact_entry_reaches_an_internal_address()
    {
        using var listener = new LoopbackListener();
        await using var client = Create(options => options.AllowedUpstreams.Add("http://127.0.0.1:*"));

        var answered = listener.AnswerAsync();
        await client.SendAsync($"http://127.0.0.1:{listener.Port}/v1");

        Assert.StartsWith("POST /v1/chat/completions HTTP/1.1\n", await answered);
    }

    [TestMethod]
    public async Task A_request_that_is_not_redirected_keeps_the_reach_it_had()
    {
        using var listener = new LoopbackListener();
        await using var client = Create(_ => { });

        var answered = listener.AnswerAsync();
        using var response = await client.Http.GetAsync(listener.UrlOf("127.0.0.1"));

        Assert.StartsWith("GET /v1/models HTTP/1.1\n", await answered);
    }

    [TestMethod]
    public async Task A_name_of_the_catalog_that_resolves_to_an_internal_address_is_blocked()
    {
        var resolver = new FakeResolver("127.0.0.1");
        await using var client = Create(TrustProxy, resolver);

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => client.SendAsync("deepseek"));

        Assert.IsTrue(BlockedAddressException.TryFind(failure, out _), failure.ToString());
        Assert.AreEqual("api.deepseek.com", resolver.Lookups.Single());
    }

    [TestMethod]
    public async Task A_host_under_a_wildcard_that_resolves_to_an_internal_address_is_never_dialed()
    {
        using var listener = new LoopbackListener();
        await using var client = Create(options =>
        {
            TrustProxy(options);
            options.AllowedUpstreams.Add("http://*:*");
        });

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(
            () => client.SendAsync($"http://rebinding.example.com:{listener.Port}"));

        Assert.IsTrue(BlockedAddressException.TryFind(failure, out _), failure.ToString());
        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    public async Task The_guard_holds_for_synchronous_requests()
    {
        using var listener = new LoopbackListener();
        await using var client = Create(options =>
        {
            TrustProxy(options);
            options.AllowedUpstreams.Add("http://*:*");
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://api.openai.com/v1/chat/completions");
        request.SetUpstream($"http://rebinding.example.com:{listener.Port}");

        var failure = Assert.Throws<Exception>(() => client.Http.Send(request));

        Assert.IsTrue(BlockedAddressException.TryFind(failure, out _), failure.ToString());
        Assert.IsFalse(listener.WasDialed);
    }

    // Whatever proxy the environment of the test run names: what is asked here is what the guard does.
    private static void TrustProxy(HeadroomOptions options) => options.TrustEgressProxy = true;

    private static LlmClient Create(Action<HeadroomClientOptions> configure, IHostResolver? resolver = null) => LlmClient.Create(
        client => client.AddUpstreamOverride(configure), services => services.AddSingleton(resolver ?? new FakeResolver("127.0.0.1")));
}
