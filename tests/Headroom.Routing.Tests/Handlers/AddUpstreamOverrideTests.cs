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
        await using var services = Services(options => options.AllowedUpstreams.Add("https://api.mycorp.example"), sent.Handler);

        await SendAsync(services, "https://api.mycorp.example/v1");

        Assert.AreEqual("https://api.mycorp.example/v1/chat/completions", sent.Single.RequestUri!.OriginalString);
        Assert.IsEmpty(sent.Single.Headers.NonValidated);
    }

    [TestMethod]
    public async Task An_upstream_that_no_option_opens_is_refused_and_nothing_is_sent()
    {
        using var sent = new SentRequests();
        await using var services = Services(null, sent.Handler);

        var refused = await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => SendAsync(services, "https://api.mycorp.example/v1"));

        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, refused.Refusal.Reason);
        Assert.AreEqual(0, sent.Count);
    }

    [TestMethod]
    public async Task Faulty_options_are_told_by_key_at_the_first_request()
    {
        using var sent = new SentRequests();
        await using var services = Services(options => options.AllowedUpstreams.Add("https://*.*.example"), sent.Handler);

        var fault = await Assert.ThrowsExactlyAsync<ArgumentException>(() => SendAsync(services, "https://api.mycorp.example"));

        Assert.Contains("Headroom:AllowedUpstreams:0", fault.Message);
    }

    [TestMethod]
    public void A_client_whose_guarded_handler_was_replaced_is_not_created()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("llm").AddUpstreamOverride().UseSocketsHttpHandler((handler, _) => handler.UseCookies = false);
        using var provider = services.BuildServiceProvider();

        Assert.Contains("AddUpstreamOverride", Assert.ThrowsExactly<InvalidOperationException>(() => Client(provider)).Message);
    }

    [TestMethod]
    public async Task An_exact_entry_reaches_an_internal_address()
    {
        using var listener = new LoopbackListener();
        await using var services = Services(options => options.AllowedUpstreams.Add("http://127.0.0.1:*"));

        var answered = listener.AnswerAsync();
        await SendAsync(services, $"http://127.0.0.1:{listener.Port}/v1");

        Assert.StartsWith("POST /v1/chat/completions HTTP/1.1\n", await answered);
    }

    [TestMethod]
    public async Task A_request_that_is_not_redirected_keeps_the_reach_it_had()
    {
        using var listener = new LoopbackListener();
        await using var services = Services(null);

        var answered = listener.AnswerAsync();
        using var response = await Client(services).GetAsync(listener.UrlOf("127.0.0.1"));

        Assert.StartsWith("GET /v1/models HTTP/1.1\n", await answered);
    }

    [TestMethod]
    public async Task A_name_of_the_catalog_that_resolves_to_an_internal_address_is_blocked()
    {
        var resolver = new FakeResolver("127.0.0.1");
        await using var services = Services(TrustProxy, resolver: resolver);

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => SendAsync(services, "deepseek"));

        Assert.IsTrue(BlockedAddressException.TryFind(failure, out _), failure.ToString());
        Assert.AreEqual("api.deepseek.com", resolver.Lookups.Single());
    }

    [TestMethod]
    public async Task A_host_under_a_wildcard_that_resolves_to_an_internal_address_is_never_dialed()
    {
        using var listener = new LoopbackListener();
        await using var services = Services(options =>
        {
            TrustProxy(options);
            options.AllowedUpstreams.Add("http://*:*");
        });

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(
            () => SendAsync(services, $"http://rebinding.example.com:{listener.Port}"));

        Assert.IsTrue(BlockedAddressException.TryFind(failure, out _), failure.ToString());
        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    public async Task The_guard_holds_for_synchronous_requests()
    {
        using var listener = new LoopbackListener();
        await using var services = Services(options =>
        {
            TrustProxy(options);
            options.AllowedUpstreams.Add("http://*:*");
        });
        using var request = Request($"http://rebinding.example.com:{listener.Port}");

        var failure = Assert.Throws<Exception>(() => Client(services).Send(request));

        Assert.IsTrue(BlockedAddressException.TryFind(failure, out _), failure.ToString());
        Assert.IsFalse(listener.WasDialed);
    }

    // Whatever proxy the environment of the test run names: what is asked here is what the guard does.
    private static void TrustProxy(HeadroomOptions options) => options.TrustEgressProxy = true;

    private static ServiceProvider Services(Action<HeadroomOptions>? configure, HttpMessageHandler? answering = null, IHostResolver? resolver = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(resolver ?? new FakeResolver("127.0.0.1"));
        var client = services.AddHttpClient("llm").AddUpstreamOverride(configure);
        if (answering is not null)
        {
            client.AddHttpMessageHandler(() => new AnsweringHandler(answering));
        }

        return services.BuildServiceProvider();
    }

    private static HttpClient Client(ServiceProvider services) => services.GetRequiredService<IHttpClientFactory>().CreateClient("llm");

    private static async Task SendAsync(ServiceProvider services, string upstream)
    {
        using var request = Request(upstream);
        using var response = await Client(services).SendAsync(request);
    }

    /// <summary>Answers in the place of the network, in front of the guarded handler.</summary>
    private sealed class AnsweringHandler(HttpMessageHandler handler) : DelegatingHandler
    {
        private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);
    }

    private static HttpRequestMessage Request(string upstream) => new(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
    {
        Headers = { { HeadroomHeaders.Upstream, upstream } },
    };
}
