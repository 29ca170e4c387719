using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>An app may inject the options into its own code; they are as valid there as in the proxy.</summary>
[TestClass]
public sealed class InjectedOptionsTests
{
    [TestMethod]
    public void Invalid_options_are_not_handed_out()
    {
        using var services = Build(("Headroom:Upstreams:local", "x"));

        Assert.ThrowsExactly<OptionsValidationException>(() => services.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value);
        Assert.ThrowsExactly<OptionsValidationException>(() => services.GetRequiredService<IOptionsMonitor<HeadroomProxyOptions>>().CurrentValue);
    }

    [TestMethod]
    public void The_start_checks_them_before_anything_else_runs()
    {
        using var services = Build(("Headroom:Upstreams:local", "x"));

        var failure = Assert.ThrowsExactly<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains("Headroom:Upstreams:local", failure.Message);
    }

    [TestMethod]
    public async Task A_monitor_follows_valid_changes_only_and_whoever_changes_the_configuration_sees_no_exception()
    {
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Upstreams:local", "http://one.example"));
        var monitor = host.Services.GetRequiredService<IOptionsMonitor<HeadroomProxyOptions>>();
        Assert.AreEqual("http://one.example", monitor.CurrentValue.Upstreams["local"].BaseAddress);
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();

        configuration["Headroom:Upstreams:local"] = "x";
        configuration.Reload();
        Assert.AreEqual("http://one.example", monitor.CurrentValue.Upstreams["local"].BaseAddress);

        configuration["Headroom:Upstreams:local"] = "http://two.example";
        configuration.Reload();
        Assert.AreEqual("http://two.example", monitor.CurrentValue.Upstreams["local"].BaseAddress);
    }

    [TestMethod]
    public async Task What_is_changed_in_injected_options_does_not_change_the_proxy()
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options => options.Upstreams["local"] = "http://one.example").UseUnguardedPrimaryHandler(upstreams),
            app => app.MapHeadroomRoutes());

        host.Services.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value.Upstreams["local"] = "http://two.example";
        ((IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>()).Reload();

        Assert.AreEqual("http://one.example/x", (await Answer.OfAsync(host.Address, "GET", "/@local/x")).Url);
    }

    private static ServiceProvider Build(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddHeadroomProxy(new ConfigurationBuilder()
            .AddSettings(settings)
            .Build());
        return services.BuildServiceProvider();
    }
}
