using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.Tests.Handlers;

[TestClass]
public sealed class HeaderStrippingHandlerTests
{
    [TestMethod]
    public async Task Removes_every_control_header_in_any_case_and_nothing_else()
    {
        using var sent = new SentRequests();
        using var client = new HttpClient(new HeaderStrippingHandler { InnerHandler = sent.Handler });
        using var request = Request();

        await client.SendAsync(request);

        CollectionAssert.AreEquivalent(
            new[] { "Authorization", "X-Headroom", "headroom-mode" },
            sent.Single.Headers.NonValidated.Select(header => header.Key).ToArray());
    }

    [TestMethod]
    public async Task Removes_control_headers_of_the_content_too()
    {
        using var sent = new SentRequests();
        using var client = new HttpClient(new HeaderStrippingHandler { InnerHandler = sent.Handler });
        using var content = new StringContent("{}");
        content.Headers.TryAddWithoutValidation("X-Headroom-Mode", "fast");

        await client.PostAsync(new Uri("https://api.example.com/v1"), content);

        Assert.AreEqual("Content-Type", content.Headers.NonValidated.Single().Key);
    }

    [TestMethod]
    public void Removes_them_from_a_synchronous_request()
    {
        using var end = new SyncHandler();
        using var client = new HttpClient(new HeaderStrippingHandler { InnerHandler = end });
        using var request = Request();

        using var response = client.Send(request);

        AssertStripped(end.Requests.Single());
    }

    [TestMethod]
    public async Task A_request_without_control_headers_passes_untouched()
    {
        using var sent = new SentRequests();
        using var client = new HttpClient(new HeaderStrippingHandler { InnerHandler = sent.Handler });
        client.DefaultRequestHeaders.Add("Accept", "text/event-stream");

        await client.GetAsync(new Uri("https://api.example.com/v1/models"));

        Assert.AreEqual("Accept", sent.Single.Headers.NonValidated.Single().Key);
    }

    [TestMethod]
    public async Task AddHeaderStripping_covers_what_handlers_before_it_add()
    {
        using var sent = new SentRequests();
        var services = new ServiceCollection();
        services.AddHttpClient("plain")
            .AddHttpMessageHandler(() => new Adding("x-headroom-session-id", "7"))
            .AddHeaderStripping()
            .ConfigurePrimaryHttpMessageHandler(() => sent.Handler);
        await using var provider = services.BuildServiceProvider();
        using var request = Request();

        await provider.GetRequiredService<IHttpClientFactory>().CreateClient("plain").SendAsync(request);

        AssertStripped(sent.Single);
    }

    [TestMethod]
    public void Rejects_null()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => HeadroomHttpClientBuilderExtensions.AddHeaderStripping(null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => HeadroomHttpClientBuilderExtensions.AddUpstreamOverride(null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => new UpstreamOverrideHandler((UpstreamResolver)null!));
    }

    private static HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "https://api.example.com/v1/models");
        foreach (var name in new[] { "X-Headroom-Upstream", "x-headroom-mode", "X-HEADROOM-TAG-TEAM", "x-headroom-", "Authorization", "X-Headroom", "headroom-mode" })
        {
            request.Headers.TryAddWithoutValidation(name, ["one", "two"]);
        }

        return request;
    }

    private static void AssertStripped(HttpRequestMessage request)
    {
        Assert.DoesNotContain(header => HeadroomHeaders.IsControl(header.Key), request.Headers.NonValidated);
        Assert.IsTrue(request.Headers.NonValidated.Contains("Authorization"));
    }

    private sealed class Adding(string name, string value) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add(name, value);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
