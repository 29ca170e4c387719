using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>One service collection may become several service providers, as in tests that build an app again and again.</summary>
[TestClass]
public sealed class ServiceCollectionTests
{
    [TestMethod]
    public async Task Two_service_providers_have_clients_of_their_own()
    {
        using var upstreams = new EchoHandler();
        var services = new ServiceCollection();
        services.AddSingleton<Seen>();
        services.AddTransient<CountingHandler>();
        services.AddHeadroomProxy(new ConfigurationBuilder().Build())
            .ConfigureHttpClients(client => client.AddHttpMessageHandler<CountingHandler>())
            .UseUnguardedPrimaryHandler(upstreams);
        await using var first = services.BuildServiceProvider();
        await using var second = services.BuildServiceProvider();
        first.GetRequiredService<Configuration.CurrentOptions>();
        second.GetRequiredService<Configuration.CurrentOptions>();

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://a.example/");
        request.Options.Set(HeadroomRequestOptions.Target, Resolve(first));
        using var client = first.GetRequiredService<UpstreamClients>().For(Resolve(first)).Invoker;
        using var response = await client.SendAsync(request, CancellationToken.None);

        Assert.AreEqual(1, first.GetRequiredService<Seen>().Count);
        Assert.AreEqual(0, second.GetRequiredService<Seen>().Count);
    }

    [TestMethod]
    public void A_handler_for_tests_is_for_what_is_built_after_it()
    {
        using var upstreams = new EchoHandler();
        var services = new ServiceCollection();
        var proxy = services.AddHeadroomProxy(new ConfigurationBuilder().Build());
        using var before = services.BuildServiceProvider();
        proxy.UseUnguardedPrimaryHandler(upstreams);
        using var after = services.BuildServiceProvider();
        before.GetRequiredService<Configuration.CurrentOptions>();
        after.GetRequiredService<Configuration.CurrentOptions>();

        Assert.AreSame(upstreams, PrimaryHandlerOf(after));
        Assert.IsInstanceOfType<SocketsHttpHandler>(PrimaryHandlerOf(before));
    }

    private static UpstreamTarget Resolve(IServiceProvider services)
    {
        var resolver = services.GetRequiredService<Configuration.CurrentOptions>().Current.Resolver;
        Assert.IsTrue(resolver.TryResolve("GET", "/v1/models", new Microsoft.AspNetCore.Http.HeaderDictionary(), out var target, out _));
        return target;
    }

    private static HttpMessageHandler PrimaryHandlerOf(IServiceProvider services)
    {
        var handler = services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(UpstreamClients.Names.First());
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        return handler;
    }

    private sealed class Seen
    {
        public int Count { get; set; }
    }

    private sealed class CountingHandler(Seen seen) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.Count++;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
