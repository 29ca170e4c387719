using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.Tests.Connections;

[TestClass]
public sealed class AddAddressGuardTests
{
    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("localhost")]
    [DataRow("rebinding.example.com")]
    public async Task Guards_any_client(string host)
    {
        using var listener = new LoopbackListener();
        await using var services = Services(client => client.AddAddressGuard());

        await AssertBlockedAsync(services, listener.UrlOf(host));

        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    public async Task Wins_over_defaults_of_the_host()
    {
        using var listener = new LoopbackListener();
        await using var services = Services(client => client.AddAddressGuard(), defaults => defaults
            .UseSocketsHttpHandler((handler, _) => handler.UseProxy = true)
            .ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()));

        await AssertBlockedAsync(services, listener.UrlOf("127.0.0.1"));

        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    public async Task Guards_all_clients_when_it_is_a_default()
    {
        using var listener = new LoopbackListener();
        await using var services = Services(_ => { }, defaults => defaults.AddAddressGuard());

        await AssertBlockedAsync(services, listener.UrlOf("127.0.0.1"));

        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    public async Task Leaves_timeouts_to_the_user()
    {
        using var listener = new LoopbackListener();
        await using var services = Services(client => client
            .AddAddressGuard()
            .UseSocketsHttpHandler((handler, _) => handler.ConnectTimeout = TimeSpan.FromSeconds(3)));

        await AssertBlockedAsync(services, listener.UrlOf("127.0.0.1"));
    }

    [TestMethod]
    public void Throws_when_its_handler_is_replaced() =>
        AssertThrows(client => client.AddAddressGuard().ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler()));

    [TestMethod]
    public void Throws_when_its_handler_is_loosened() =>
        AssertThrows(client => client.AddAddressGuard().UseSocketsHttpHandler((handler, _) => handler.AllowAutoRedirect = true));

    [TestMethod]
    public async Task Keeps_requests_off_HTTP_3_whatever_other_handlers_do()
    {
        await using var services = Services(client => client
            .AddAddressGuard()
            .ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers.Clear())
            .AddHttpMessageHandler(() => new AskingForHttp3()));
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://127.0.0.1/");

        await Assert.ThrowsExactlyAsync<HttpRequestException>(() => Client(services).SendAsync(request));

        Assert.AreEqual(HttpVersion.Version20, request.Version);
        Assert.AreEqual(HttpVersionPolicy.RequestVersionExact, request.VersionPolicy);
    }

    [TestMethod]
    public void Rejects_null() =>
        Assert.ThrowsExactly<ArgumentNullException>(() => HeadroomHttpClientBuilderExtensions.AddAddressGuard(null!));

    private static async Task AssertBlockedAsync(ServiceProvider services, Uri url)
    {
        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => Client(services).GetAsync(url));
        Assert.IsTrue(BlockedAddressException.TryFind(failure, out _), failure.ToString());
    }

    private static void AssertThrows(Action<IHttpClientBuilder> configure)
    {
        using var services = Services(configure);
        var failure = Assert.ThrowsExactly<InvalidOperationException>(() => Client(services));
        Assert.Contains("AddAddressGuard", failure.Message);
    }

    private static HttpClient Client(ServiceProvider services) =>
        services.GetRequiredService<IHttpClientFactory>().CreateClient("images");

    private static ServiceProvider Services(Action<IHttpClientBuilder> configure, Action<IHttpClientBuilder>? defaults = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IHostResolver>(new FakeResolver("127.0.0.1"));
        configure(services.AddHttpClient("images"));
        if (defaults is not null)
        {
            services.ConfigureHttpClientDefaults(defaults);
        }

        return services.BuildServiceProvider();
    }

    private sealed class AskingForHttp3 : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Version = HttpVersion.Version30;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
