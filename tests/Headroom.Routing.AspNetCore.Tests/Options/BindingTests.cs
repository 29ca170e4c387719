using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>What becomes of the section <c>Headroom</c> and the variables of the original proxy.</summary>
[TestClass]
public sealed class BindingTests
{
    private const string EveryKey = """
        {
          "Headroom": {
            "Providers": { "OpenAI": { "BaseAddress": "https://openai.mycorp.example" }, "anthropic": { "BaseAddress": "http://10.0.0.5/anthropic", "Headers": { "x-api-key": "k1" }, "AllowCallers": [ "staff", "admins" ] }, "Gemini": { "Enabled": false } },
            "Upstreams": { "deepseek": "https://api.deepseek.com/v1", "local": "http://127.0.0.1:11434/v1", "azure": { "BaseAddress": "https://one.openai.azure.com", "Headers": { "api-key": "k2", "X-Team": "a" }, "AllowCallers": [ "staff" ] } },
            "Tokens": { "team-a": "t1", "team-b": "t2" },
            "AllowedUpstreams": [ "https://api.mycorp.ai", "https://*.openai.azure.com", "http://127.0.0.1:*" ],
            "AllowCatalog": false,
            "AllowedOrigins": [ "https://chat.example.com" ],
            "TrustEgressProxy": true,
            "StripRequestHeaders": [ "X-One", "X-Two-*" ],
            "AlsoStripRequestHeaders": [ "X-Four" ],
            "StripResponseHeaders": [ "X-Three" ],
            "AlsoStripResponseHeaders": [ "X-Five" ],
            "ConnectTimeout": "00:00:03",
            "IdleConnectionTimeout": "00:00:04",
            "IdleTimeout": "01:00:00",
            "VerbatimMount": "/through",
            "CatchAll": false
          }
        }
        """;

    [TestMethod]
    public void Every_key_of_a_settings_file_is_bound()
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(EveryKey));

        AssertEveryKey(Read(new ConfigurationBuilder().AddJsonStream(json).Build()));
    }

    [TestMethod]
    public void Every_key_is_bound_from_the_environment()
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(EveryKey));
        var settings = new ConfigurationBuilder().AddJsonStream(json).Build().AsEnumerable().Where(pair => !string.IsNullOrEmpty(pair.Value)).ToList();
        using var environment = new EnvironmentScope(settings.Select(pair => (pair.Key.Replace(":", "__", StringComparison.Ordinal), pair.Value!)));

        AssertEveryKey(Read(new ConfigurationBuilder().AddEnvironmentVariables(environment.Prefix).Build()));
    }

    [TestMethod]
    [DataRow("https://a.example", null)]
    [DataRow(null, "https://a.example")]
    public void An_address_may_come_from_one_source_and_its_key_from_another(string? url, string? baseAddress)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Headroom:Upstreams:azure", url), new("Headroom:Upstreams:azure:BaseAddress", baseAddress)])
            .AddSettings(("Headroom:Upstreams:azure:Headers:api-key", "k"))
            .Build();

        var upstream = Read(configuration).Upstreams["azure"];

        Assert.AreEqual("https://a.example", upstream.BaseAddress);
        Assert.AreEqual("k", upstream.Headers["api-key"]);
    }

    [TestMethod]
    public void A_list_of_tokens_names_them_by_their_places()
    {
        using var json = new MemoryStream("""{ "Headroom": { "Tokens": [ "t1", "t2" ] } }"""u8.ToArray());

        Assert.AreEqual("0=t1, 1=t2", string.Join(", ", Read(new ConfigurationBuilder().AddJsonStream(json).Build()).Tokens.Select(token => $"{token.Key}={token.Value}")));
    }

    [TestMethod]
    public void In_code_an_address_is_an_upstream()
    {
        var options = Read(Configuration(("Headroom:Upstreams:one", "https://one.example")), options =>
        {
            options.Upstreams["two"] = "https://two.example";
            options.Upstreams["one"].Headers["api-key"] = "k";
        });

        Assert.AreEqual("https://one.example https://two.example", $"{options.Upstreams["one"].BaseAddress} {options.Upstreams["two"].BaseAddress}");
        Assert.AreEqual("k", options.Upstreams["one"].Headers["api-key"]);
    }

    [TestMethod]
    public void A_further_configuration_adds_to_the_first()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddHeadroomProxy(new ConfigurationBuilder().AddInMemoryCollection([new("Headroom:Upstreams:one", "http://one.example")]).Build());
        services.AddHeadroomProxy(new ConfigurationBuilder().AddInMemoryCollection([new("Headroom:Upstreams:two", "http://two.example")]).Build());
        services.AddHeadroomProxy(options => options.AllowCatalog = false);
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<CurrentOptions>().Options;

        CollectionAssert.AreEquivalent(new[] { "one", "two" }, options.Upstreams.Keys.ToArray());
        Assert.IsFalse(options.AllowCatalog);
    }

    [TestMethod]
    public void Without_a_section_everything_has_its_default()
    {
        var options = Read(new ConfigurationBuilder().Build());

        Assert.IsEmpty(options.Providers);
        Assert.IsEmpty(options.Upstreams);
        Assert.IsEmpty(options.AllowedUpstreams);
        Assert.IsEmpty(options.AllowedOrigins);
        Assert.IsTrue(options.AllowCatalog);
        Assert.IsFalse(options.TrustEgressProxy);
        Assert.IsNull(options.StripRequestHeaders);
        Assert.IsNull(options.StripResponseHeaders);
        Assert.IsEmpty(options.AlsoStripRequestHeaders);
        Assert.IsEmpty(options.AlsoStripResponseHeaders);
        Assert.AreEqual(TimeSpan.FromSeconds(10), options.ConnectTimeout);
        Assert.IsNull(options.IdleConnectionTimeout);
        Assert.AreEqual(TimeSpan.FromMinutes(30), options.IdleTimeout);
        Assert.AreEqual("/upstream", options.VerbatimMount);
        Assert.IsTrue(options.CatchAll);
    }

    [TestMethod]
    public void Null_stands_for_the_default()
    {
        using var json = new MemoryStream("""
            { "Headroom": {
              "Providers": { "OpenAI": null, "Anthropic": { "BaseAddress": null, "Enabled": null, "Headers": null, "AllowCallers": null } }, "Upstreams": null, "Tokens": null, "AllowedUpstreams": null, "AllowedOrigins": null,
              "StripRequestHeaders": null, "StripResponseHeaders": null } }
            """u8.ToArray());
        using var services = Build(new ConfigurationBuilder().AddJsonStream(json).Build());

        var state = services.GetRequiredService<CurrentOptions>();

        Assert.IsNull(state.Options.StripRequestHeaders);
        Assert.IsNull(state.Options.StripResponseHeaders);
        Assert.IsTrue(state.Options.Providers.Values.All(provider => provider?.Enabled != false));
        var rules = new ForwardingRules(state.Current, state.Providers);
        Assert.IsTrue(rules.RequestHeaders.Drops("Cookie"));
        Assert.IsTrue(rules.ResponseHeaders.Drops("Set-Cookie"));
    }

    [TestMethod]
    [DataRow("null")]
    [DataRow("\"\"")]
    public void The_mount_can_be_left_out(string value)
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{ "Headroom": { "VerbatimMount": {{value}} } }"""));

        Assert.AreEqual("", Read(new ConfigurationBuilder().AddJsonStream(json).Build()).VerbatimMount);
    }

    [TestMethod]
    public void A_list_replaces_the_default_list_and_an_empty_one_strips_nothing()
    {
        using var json = new MemoryStream("""{ "Headroom": { "StripRequestHeaders": [ "X-One" ], "StripResponseHeaders": [] } }"""u8.ToArray());
        using var services = Build(new ConfigurationBuilder().AddJsonStream(json).Build());

        var options = services.GetRequiredService<CurrentOptions>();
        var current = new ForwardingRules(options.Current, options.Providers);

        Assert.IsTrue(current.RequestHeaders.Drops("x-one"));
        Assert.IsFalse(current.RequestHeaders.Drops("Cookie"));
        Assert.IsTrue(current.RequestHeaders.Drops("x-headroom-mode"));
        Assert.IsTrue(current.RequestHeaders.Drops("Metadata-Flavor"));
        Assert.IsFalse(current.ResponseHeaders.Drops("Set-Cookie"));
        Assert.IsTrue(current.ResponseHeaders.Drops(HeadroomHeaders.Error));
    }

    public static IEnumerable<object[]> Variables =>
        KnownProviders.All.Where(provider => provider.BaseAddressVariable is not null).Select(provider => new object[] { provider.Name, provider.BaseAddressVariable! });

    [TestMethod]
    [DynamicData(nameof(Variables))]
    public void The_variables_of_the_original_proxy_stand_below_the_section(string provider, string variable)
    {
        var key = $"Headroom:Providers:{provider}:BaseAddress";

        Assert.AreEqual("http://10.0.0.1", BaseOf(provider, (variable, "http://10.0.0.1")));
        Assert.AreEqual("http://10.0.0.2", BaseOf(provider, (variable, "http://10.0.0.1"), (key, "http://10.0.0.2")));
        Assert.AreEqual("http://10.0.0.2", BaseOf(provider, (variable, "http://10.0.0.1"), (key.ToUpperInvariant(), "http://10.0.0.2")));
        Assert.AreEqual("http://10.0.0.1", BaseOf(provider, (variable, "http://10.0.0.1"), (key, "")));
        Assert.IsNull(BaseOf(provider, (variable, "")));
        Assert.IsNull(BaseOf(provider));
    }

    [TestMethod]
    public void The_variables_are_those_of_the_original_proxy() => CollectionAssert.AreEquivalent(
        new[]
        {
            "OPENAI_TARGET_API_URL", "ANTHROPIC_TARGET_API_URL", "GEMINI_TARGET_API_URL", "VERTEX_TARGET_API_URL", "CLOUDCODE_TARGET_API_URL",
            "BEDROCK_TARGET_API_URL", "AZURE_OPENAI_TARGET_API_URL",
        },
        Variables.Select(row => (string)row[1]).ToArray());

    [TestMethod]
    public void A_variable_of_the_real_environment_is_read()
    {
        using var environment = new EnvironmentScope([("OPENAI_TARGET_API_URL", "http://10.0.0.1")]);

        var options = Read(new ConfigurationBuilder().AddEnvironmentVariables(environment.Prefix).Build());

        Assert.AreEqual("http://10.0.0.1", options.Providers["OpenAI"].BaseAddress);
    }

    [TestMethod]
    public void The_action_has_the_last_word()
    {
        var configuration = Configuration(("Headroom:VerbatimMount", "/a"), ("Headroom:AllowedUpstreams:0", "https://a.example"));

        var options = Read(configuration, options =>
        {
            options.VerbatimMount += "/b";
            options.AllowedUpstreams.Add("https://b.example");
        });

        Assert.AreEqual("/a/b", options.VerbatimMount);
        CollectionAssert.AreEqual(new[] { "https://a.example", "https://b.example" }, options.AllowedUpstreams.ToArray());
    }

    [TestMethod]
    public async Task Without_a_configuration_of_its_own_the_apps_is_read()
    {
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:VerbatimMount", "/here"), ("GEMINI_TARGET_API_URL", "http://10.0.0.1"));

        var options = host.Services.GetRequiredService<CurrentOptions>().Options;

        Assert.AreEqual("/here", options.VerbatimMount);
        Assert.AreEqual("http://10.0.0.1", options.Providers["Gemini"].BaseAddress);
    }

    private static void AssertEveryKey(HeadroomProxyOptions options)
    {
        Assert.AreEqual("https://openai.mycorp.example", options.Providers["openai"].BaseAddress);
        Assert.AreEqual("http://10.0.0.5/anthropic", options.Providers["Anthropic"].BaseAddress);
        Assert.AreEqual("https://api.deepseek.com/v1", options.Upstreams["DeepSeek"].BaseAddress);
        Assert.AreEqual("http://127.0.0.1:11434/v1", options.Upstreams["local"].BaseAddress);
        Assert.AreEqual("k1", options.Providers["Anthropic"].Headers["X-Api-Key"]);
        CollectionAssert.AreEqual(new[] { "staff", "admins" }, options.Providers["Anthropic"].AllowCallers.ToArray());
        Assert.IsTrue(options.Providers["Anthropic"].Enabled);
        Assert.IsFalse(options.Providers["Gemini"].Enabled);
        Assert.AreEqual("https://one.openai.azure.com", options.Upstreams["azure"].BaseAddress);
        Assert.AreEqual("k2, a", string.Join(", ", options.Upstreams["azure"].Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase).Select(header => header.Value)));
        CollectionAssert.AreEqual(new[] { "staff" }, options.Upstreams["azure"].AllowCallers.ToArray());
        Assert.AreEqual("team-a=t1, team-b=t2", string.Join(", ", options.Tokens.OrderBy(token => token.Key).Select(token => $"{token.Key}={token.Value}")));
        CollectionAssert.AreEqual(new[] { "https://api.mycorp.ai", "https://*.openai.azure.com", "http://127.0.0.1:*" }, options.AllowedUpstreams.ToArray());
        Assert.IsFalse(options.AllowCatalog);
        CollectionAssert.AreEqual(new[] { "https://chat.example.com" }, options.AllowedOrigins.ToArray());
        Assert.IsTrue(options.TrustEgressProxy);
        CollectionAssert.AreEqual(new[] { "X-One", "X-Two-*" }, options.StripRequestHeaders!.ToArray());
        CollectionAssert.AreEqual(new[] { "X-Four" }, options.AlsoStripRequestHeaders.ToArray());
        CollectionAssert.AreEqual(new[] { "X-Three" }, options.StripResponseHeaders!.ToArray());
        CollectionAssert.AreEqual(new[] { "X-Five" }, options.AlsoStripResponseHeaders.ToArray());
        Assert.AreEqual(TimeSpan.FromSeconds(3), options.ConnectTimeout);
        Assert.AreEqual(TimeSpan.FromSeconds(4), options.IdleConnectionTimeout);
        Assert.AreEqual(TimeSpan.FromHours(1), options.IdleTimeout);
        Assert.AreEqual("/through", options.VerbatimMount);
        Assert.IsFalse(options.CatchAll);
    }

    private static string? BaseOf(string provider, params (string Key, string Value)[] settings) =>
        Read(Configuration(settings)).Providers.TryGetValue(provider, out var options) ? options.BaseAddress : null;

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddSettings(settings)
        .Build();

    private static HeadroomProxyOptions Read(IConfiguration configuration, Action<HeadroomProxyOptions>? configure = null)
    {
        using var services = Build(configuration, configure);
        return services.GetRequiredService<CurrentOptions>().Options;
    }

    private static ServiceProvider Build(IConfiguration configuration, Action<HeadroomProxyOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddAuthorizationBuilder().AddPolicy("staff", policy => policy.RequireAuthenticatedUser()).AddPolicy("admins", policy => policy.RequireAuthenticatedUser());
        services.AddHeadroomProxy(configuration);
        if (configure is not null)
        {
            services.AddHeadroomProxy(configure);
        }

        return services.BuildServiceProvider();
    }

    /// <summary>Variables of this process under a prefix of their own, so that no other test sees them.</summary>
    private sealed class EnvironmentScope : IDisposable
    {
        private readonly List<string> _names = [];

        public EnvironmentScope(IEnumerable<(string Name, string Value)> variables)
        {
            foreach (var (name, value) in variables)
            {
                _names.Add(Prefix + name);
                Environment.SetEnvironmentVariable(Prefix + name, value);
            }
        }

        public string Prefix { get; } = $"T{Guid.NewGuid():N}_";

        public void Dispose() => _names.ForEach(name => Environment.SetEnvironmentVariable(name, null));
    }
}
