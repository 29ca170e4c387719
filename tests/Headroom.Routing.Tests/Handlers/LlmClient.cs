using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.Tests.Handlers;

/// <summary>A client of the factory with <c>AddUpstreamOverride()</c>.</summary>
internal sealed class LlmClient : IAsyncDisposable
{
    public const string Name = "llm";

    private LlmClient(ServiceProvider services) => Services = services;

    public ServiceProvider Services { get; }

    /// <summary>A client that connects to where it is told.</summary>
    public static LlmClient Create(Action<IHttpClientBuilder> add, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IHostResolver>(new FakeResolver("127.0.0.1"));
        configure?.Invoke(services);
        add(services.AddHttpClient(Name));
        return new LlmClient(services.BuildServiceProvider());
    }

    /// <summary>A client whose requests end in a handler in the place of the network.</summary>
    public static LlmClient Create(SentRequests sent, Action<IHttpClientBuilder> add, Action<IServiceCollection>? configure = null) => Create(
        client =>
        {
            add(client);
            client.AddHttpMessageHandler(() => new AnsweringHandler(sent.Handler));
        },
        configure);

    public HttpClient Http => Services.GetRequiredService<IHttpClientFactory>().CreateClient(Name);

    /// <summary>Sends a chat request of OpenAI's, with or without the header.</summary>
    public async Task SendAsync(string? upstream = null, string url = "https://api.openai.com/v1/chat/completions")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        if (upstream is not null)
        {
            request.SetUpstream(upstream);
        }

        using var response = await Http.SendAsync(request);
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();

    /// <summary>Answers in front of the guarded handler.</summary>
    private sealed class AnsweringHandler(HttpMessageHandler handler) : DelegatingHandler
    {
        private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);
    }
}
