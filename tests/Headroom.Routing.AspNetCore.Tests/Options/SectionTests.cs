using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>What <c>AddHeadroomProxy(configuration)</c> reads: a section is the section itself, anything else a root that holds one.</summary>
[TestClass]
public sealed class SectionTests
{
    [TestMethod]
    [DataRow("Headroom")]
    [DataRow("Gateway:Proxy")]
    public void A_section_is_read_itself(string path)
    {
        var root = Configuration(($"{path}:AllowCatalog", "false"), ($"{path}:Upstreams:local", "http://127.0.0.1:11434"));

        var options = Read(root.GetSection(path));

        Assert.IsFalse(options.AllowCatalog);
        Assert.AreEqual("http://127.0.0.1:11434", options.Upstreams["local"].BaseAddress);
    }

    [TestMethod]
    public void Of_a_root_the_usual_section_is_read()
    {
        var options = Read(Configuration(("Headroom:AllowCatalog", "false"), ("CatchAll", "false")));

        Assert.IsFalse(options.AllowCatalog);
        Assert.IsTrue(options.CatchAll);
    }

    [TestMethod]
    public void With_a_section_the_variables_are_the_apps()
    {
        var app = Configuration(("OPENAI_TARGET_API_URL", "http://10.0.0.1"), ("Headroom:AllowCatalog", "true"));

        var options = Read(Configuration(("Gateway:AllowCatalog", "false"), ("OPENAI_TARGET_API_URL", "http://10.0.0.2")).GetSection("Gateway"), app);

        Assert.IsFalse(options.AllowCatalog);
        Assert.AreEqual("http://10.0.0.1", options.Providers["OpenAI"].BaseAddress);
    }

    [TestMethod]
    public void With_a_root_the_variables_are_the_roots()
    {
        var options = Read(Configuration(("OPENAI_TARGET_API_URL", "http://10.0.0.2")), Configuration(("OPENAI_TARGET_API_URL", "http://10.0.0.1")));

        Assert.AreEqual("http://10.0.0.2", options.Providers["OpenAI"].BaseAddress);
    }

    [TestMethod]
    [DataRow("Upstreams:local", "x")]
    [DataRow("Upstreams:lo cal", "http://127.0.0.1")]
    [DataRow("Providers:OpenAI:BaseAddress", "x")]
    [DataRow("AllowedUpstreams:0", "https://*.*")]
    [DataRow("AllowedOrigins:0", "x")]
    [DataRow("AllowCatalogue", "true")]
    [DataRow("IdleTimeout", "30")]
    public void An_error_is_named_by_the_sections_real_path(string key, string value)
    {
        var section = Configuration(($"Gateway:Proxy:{key}", value)).GetSection("Gateway:Proxy");

        var failure = Assert.ThrowsExactly<OptionsValidationException>(() => Read(section));

        Assert.StartsWith($"Gateway:Proxy:{key}", failure.Message);
    }

    [TestMethod]
    public void Of_two_sections_the_one_that_holds_the_error_is_named()
    {
        var root = Configuration(("Headroom:AllowCatalog", "false"), ("Gateway:Upstreams:local", "x"));
        var services = new ServiceCollection();
        services.AddHeadroomProxy(root).Services.AddHeadroomProxy(root.GetSection("Gateway"));
        using var provider = services.BuildServiceProvider();

        var failure = Assert.ThrowsExactly<OptionsValidationException>(() => provider.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value);

        Assert.StartsWith("Gateway:Upstreams:local", failure.Message);
    }

    [TestMethod]
    public async Task A_change_of_the_section_and_of_the_apps_variables_takes_effect()
    {
        using var upstreams = new EchoHandler();
        var given = Configuration(("Gateway:Upstreams:one", "http://one.example"));
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("OPENAI_TARGET_API_URL", (string?)"http://one.example")]);
                builder.Services.AddHeadroomProxy(given.GetSection("Gateway")).UseUnguardedPrimaryHandler(upstreams);
            },
            app => app.MapHeadroomRoutes());
        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);

        given["Gateway:Upstreams:two"] = "http://two.example";
        given.Reload();
        var app = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        app["OPENAI_TARGET_API_URL"] = "http://three.example";
        app.Reload();

        Assert.AreEqual("http://two.example/x", (await Answer.OfAsync(host.Address, "GET", "/@two/x")).Url);
        Assert.AreEqual("http://three.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
    }

    private static HeadroomProxyOptions Read(IConfiguration configuration, IConfiguration? app = null)
    {
        var services = new ServiceCollection();
        if (app is not null)
        {
            services.AddSingleton(app);
        }

        services.AddHeadroomProxy(configuration);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value;
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddSettings(settings)
        .Build();
}
