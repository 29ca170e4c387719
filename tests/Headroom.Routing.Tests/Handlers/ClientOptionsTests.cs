using System.Net;
using System.Net.Security;
using Headroom.Routing.Tests.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.Tests.Handlers;

/// <summary>The options of a client: where they come from, how they change and what is wrong with them.</summary>
[TestClass]
public sealed class ClientOptionsTests
{
    private const string Listed = "https://api.mycorp.example";
    private const string Other = "https://other.mycorp.example";

    [TestMethod]
    public async Task They_are_read_from_the_section_that_is_given()
    {
        using var sent = new SentRequests();
        var configuration = Configuration(
            ("Llm:AllowedUpstreams:0", Listed), ("Llm:Upstreams:local", "http://127.0.0.1:11434/v1"), ("Llm:AllowCatalog", "false"), ("Llm:ConnectTimeout", "00:00:03"),
            ("Headroom:AllowedUpstreams:0", Other));
        await using var client = LlmClient.Create(sent, client => client.AddUpstreamOverride(configuration.GetSection("Llm")));

        await client.SendAsync(Listed);
        await client.SendAsync("local");
        await AssertRefusedAsync(client, Other);
        await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => client.SendAsync("deepseek"));

        Assert.AreEqual(2, sent.Count);
        Assert.AreEqual(TimeSpan.FromSeconds(3), Current(client).ConnectTimeout);
    }

    [TestMethod]
    [DataRow("Llm:Upstreams:azure")]
    [DataRow("Llm:Upstreams:azure:BaseAddress")]
    public async Task A_named_upstream_may_have_a_key_of_its_own_in_place_of_the_clients(string address)
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(
            sent, client => client.AddUpstreamOverride(Configuration((address, Other), ("Llm:Upstreams:azure:Headers:api-key", "of-azure"), ("Llm:AllowedUpstreams:0", Other)).GetSection("Llm"))
                .ConfigureHttpClient(http => http.DefaultRequestHeaders.Add("Authorization", "Bearer of-the-client")));

        await client.SendAsync("azure");
        Assert.AreEqual("api-key: of-azure", Header(sent));
        await client.SendAsync(Other);
        Assert.AreEqual("Authorization: Bearer of-the-client", Header(sent));
        await client.SendAsync();
        Assert.AreEqual("Authorization: Bearer of-the-client", Header(sent));

        static string Header(SentRequests sent) => string.Join('\n', sent.Last.Headers.NonValidated.Select(header => $"{header.Key}: {header.Value}"));
    }

    [TestMethod]
    public async Task Of_a_whole_configuration_the_usual_section_is_read()
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(sent, client => client.AddUpstreamOverride(Configuration(("Headroom:AllowedUpstreams:0", Listed))));

        await client.SendAsync(Listed);

        Assert.AreEqual(1, sent.Count);
    }

    [TestMethod]
    public async Task They_are_named_by_the_client()
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(sent, client => client.AddUpstreamOverride(), services =>
        {
            services.Configure<HeadroomClientOptions>(LlmClient.Name, options => options.AllowedUpstreams.Add(Listed));
            services.Configure<HeadroomClientOptions>("another", options => options.AllowedUpstreams.Add(Other));
            services.Configure<HeadroomClientOptions>(options => options.AllowedUpstreams.Add(Other));
        });

        await client.SendAsync(Listed);
        await AssertRefusedAsync(client, Other);
    }

    [TestMethod]
    [DataRow("Llm:AllowedUpstreams:0", "https://*.*.example", "Llm:AllowedUpstreams:0")]
    [DataRow("Llm:Upstreams:local", "not a URL", "Llm:Upstreams:local")]
    [DataRow("Llm:Providers:OpenAI:BaseAddress", "ftp://x.example", "Llm:Providers:OpenAI:BaseAddress")]
    [DataRow("Llm:Providers:OpenUI:BaseAddress", "https://x.example", "Llm:Providers:OpenUI")]
    [DataRow("Llm:Providers:OpenAI:Headers:Authorization", "Bearer k", "Llm:Providers:OpenAI:Headers")]
    [DataRow("Llm:Upstreams:local:Headers:Connection", "k", "Llm:Upstreams:local:Headers:Connection")]
    [DataRow("Llm:Upstreams:local:AllowCallers:0", "staff", "Llm:Upstreams:local:AllowCallers: only a gateway")]
    [DataRow("Llm:Upstreams:local:BaseAdress", "http://127.0.0.1", "'BaseAdress'")]
    [DataRow("Llm:ConnectTimeout", "00:00:00", "Llm:ConnectTimeout")]
    [DataRow("Llm:AllowCatalog", "maybe", "Llm:AllowCatalog")]
    [DataRow("Llm:AllowCatalogue", "false", "'AllowCatalogue'")]
    [DataRow("Llm:Providers:OpenAI:BaseAdress", "https://x.example", "'BaseAdress'")]
    public async Task What_is_wrong_with_them_stops_the_start_and_is_told_by_key(string key, string value, string told)
    {
        await using var client = LlmClient.Create(client => client.AddUpstreamOverride(Configuration((key, value)).GetSection("Llm")));

        Assert.Contains(told, Assert.Throws<Exception>(() => client.Services.GetRequiredService<IStartupValidator>().Validate()).Message);
        Assert.Contains(told, Assert.Throws<Exception>(() => client.Http).Message);
    }

    [TestMethod]
    public async Task A_change_takes_effect()
    {
        using var sent = new SentRequests();
        using var logs = new Logs();
        var source = new Source(("Headroom:AllowedUpstreams:0", Listed));
        await using var client = Create(sent, source, logs);
        var monitor = client.Services.GetRequiredService<IOptionsMonitor<HeadroomClientOptions>>();
        await client.SendAsync(Listed);

        source.Set(("Headroom:AllowedUpstreams:0", Other));

        await client.SendAsync(Other);
        await AssertRefusedAsync(client, Listed);
        Assert.AreEqual(Other, monitor.Get(LlmClient.Name).AllowedUpstreams.Single());
        Assert.AreEqual("20 The options of HTTP client llm were reloaded.", logs.Entries.Single());

        // A section is told of every change of the whole configuration.
        source.Set(("Headroom:AllowedUpstreams:0", Other), ("Elsewhere", "1"));
        Assert.HasCount(1, logs.Entries);
    }

    [TestMethod]
    [DataRow("Headroom:AllowedUpstreams:1", "https://*.*.example")]
    [DataRow("Headroom:AllowCatalog", "maybe")]
    [DataRow("Headroom:AllowCatalogue", "false")]
    [DataRow("Headroom:ConnectTimeout", "-00:00:01")]
    [DataRow("", "")]
    public async Task An_invalid_change_leaves_the_last_valid_ones_and_is_thrown_at_nobody(string key, string value)
    {
        using var sent = new SentRequests();
        using var logs = new Logs();
        var source = new Source(("Headroom:AllowedUpstreams:0", Listed));
        await using var client = Create(sent, source, logs);
        client.Services.GetRequiredService<IStartupValidator>().Validate();
        await client.SendAsync(Listed);

        // Without a key: a file was deleted or broke.
        source.Set(key.Length == 0 ? [] : [("Headroom:AllowedUpstreams:0", Other), (key, value)]);
        await client.SendAsync(Listed);
        await AssertRefusedAsync(client, Other);
        Assert.AreEqual(Listed, client.Services.GetRequiredService<IOptionsMonitor<HeadroomClientOptions>>().Get(LlmClient.Name).AllowedUpstreams.Single());
        Assert.StartsWith("21 The changed options of HTTP client llm are invalid, the last valid ones stay: ", logs.Entries.Single());

        source.Set(("Headroom:AllowedUpstreams:0", Other));
        await client.SendAsync(Other);
    }

    [TestMethod]
    public async Task A_provider_of_ones_own_is_known_by_its_path_and_name()
    {
        using var sent = new SentRequests();
        await using var client = LlmClient.Create(sent, client => client.AddUpstreamOverride(Configuration(("Headroom:Providers:Voyage:BaseAddress", Listed))).AddUpstreamOverride(
            options => options.AddProvider(new Provider { Name = "Voyage", Routes = [new("/v1/rerank")] })));

        await client.SendAsync(Listed, "https://api.voyageai.com/v1/rerank");

        Assert.AreEqual(Listed + "/v1/rerank", sent.Single.RequestUri!.OriginalString);
        Assert.IsTrue(sent.Single.Options.TryGetValue(HeadroomRequestOptions.Target, out var target));
        Assert.AreEqual("Voyage", target.Provider?.Name);
    }

    [TestMethod]
    public async Task A_name_that_takes_too_long_to_resolve_ends_with_the_connect_timeout()
    {
        await using var client = LlmClient.Create(
            client => client.AddUpstreamOverride(options =>
            {
                options.TrustEgressProxy = true;
                options.ConnectTimeout = TimeSpan.FromMilliseconds(50);
            }),
            services => services.AddSingleton<IHostResolver>(new FakeResolver((_, _) => FakeResolver.Never)));

        await Assert.ThrowsExactlyAsync<TaskCanceledException>(() => client.SendAsync("deepseek").WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [TestMethod]
    public async Task TLS_is_the_apps_to_tune()
    {
        using var certificate = TestCertificate.Create();
        using var listener = new LoopbackListener();
        await using var client = LlmClient.Create(client => client.AddUpstreamOverride(options =>
        {
            options.AllowedUpstreams.Add("https://127.0.0.1:*");
            options.ConfigureHandler(handler => handler.SslOptions = TestCertificate.Trusting(certificate));
            options.ConfigureHandler(handler => handler.UseProxy = false);
        }));

        var answered = listener.AnswerAsync(async stream =>
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(certificate);
            return tls;
        });
        await client.SendAsync($"https://127.0.0.1:{listener.Port}/v1");

        Assert.StartsWith("POST /v1/chat/completions HTTP/1.1\n", await answered);
    }

    [TestMethod]
    public async Task A_proxy_is_for_the_operators_upstreams_and_closes_the_others_until_it_is_trusted()
    {
        using var proxy = new LoopbackListener();
        foreach (var trusted in new[] { false, true })
        {
            await using var client = LlmClient.Create(client => client.AddUpstreamOverride(options =>
            {
                options.AllowedUpstreams.Add("http://llm.mycorp.example");
                options.AllowedUpstreams.Add("http://*.wild.example");
                options.TrustEgressProxy = trusted;
                options.ConfigureHandler(handler => (handler.UseProxy, handler.Proxy) = (true, new WebProxy(proxy.UrlOf("127.0.0.1"))));
            }));

            var exact = proxy.AnswerAsync();
            await client.SendAsync("http://llm.mycorp.example");
            Assert.StartsWith("POST http://llm.mycorp.example/v1/chat/completions HTTP/1.1\n", await exact);

            if (trusted)
            {
                var wild = proxy.AnswerAsync();
                await client.SendAsync("http://one.wild.example");
                Assert.StartsWith("POST http://one.wild.example/v1/chat/completions HTTP/1.1\n", await wild);
            }
            else
            {
                await AssertRefusedAsync(client, "http://one.wild.example");
                Assert.IsFalse(proxy.WasDialed);
            }
        }
    }

    [TestMethod]
    [DataRow("redirects")]
    [DataRow("cookies")]
    [DataRow("connect")]
    public async Task A_callback_that_loosens_the_guard_leaves_no_client(string what)
    {
        await using var client = LlmClient.Create(client => client.AddUpstreamOverride(options => options.ConfigureHandler(handler => Loosen(handler, what))));

        Assert.Contains("ConfigureHandler()", Assert.ThrowsExactly<InvalidOperationException>(() => client.Http).Message);

        static void Loosen(SocketsHttpHandler handler, string what)
        {
            switch (what)
            {
                case "redirects":
                    handler.AllowAutoRedirect = true;
                    break;
                case "cookies":
                    handler.UseCookies = true;
                    break;
                default:
                    handler.ConnectCallback = (_, _) => throw new NotSupportedException();
                    break;
            }
        }
    }

    [TestMethod]
    public void Rejects_null()
    {
        var options = new HeadroomClientOptions();
        Assert.ThrowsExactly<ArgumentNullException>(() => options.AddProvider(null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => options.ConfigureHandler(null!));
        var client = new ServiceCollection().AddHttpClient(LlmClient.Name);
        Assert.ThrowsExactly<ArgumentNullException>(() => client.AddUpstreamOverride((IConfiguration)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => client.AddUpstreamOverride((Action<HeadroomClientOptions>)null!));
    }

    private static LlmClient Create(SentRequests sent, Source source, Logs logs) => LlmClient.Create(
        sent,
        client => client.AddUpstreamOverride(new ConfigurationBuilder().Add(source).Build()),
        services => services.AddLogging(logging => logging.AddProvider(logs)));

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().Add(new Source(settings)).Build();

    private static HeadroomClientOptions Current(LlmClient client) =>
        client.Services.GetRequiredService<IOptionsMonitor<HeadroomClientOptions>>().Get(LlmClient.Name);

    private static async Task AssertRefusedAsync(LlmClient client, string upstream)
    {
        var refused = await Assert.ThrowsExactlyAsync<UpstreamRefusedException>(() => client.SendAsync(upstream));
        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, refused.Refusal.Reason);
    }

    /// <summary>A configuration that a test changes as an editor changes a file.</summary>
    private sealed class Source : ConfigurationProvider, IConfigurationSource
    {
        public Source(params (string Key, string Value)[] settings) => Set(settings);

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Set(params (string Key, string Value)[] settings)
        {
            Data = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value, StringComparer.OrdinalIgnoreCase);
            OnReload();
        }
    }

    /// <summary>What this library logs of the options.</summary>
    private sealed class Logs : ILoggerProvider, ILogger
    {
        public List<string> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is 20 or 21)
            {
                Entries.Add($"{eventId.Id} {formatter(state, exception)}");
            }
        }

        public void Dispose()
        {
        }
    }
}
