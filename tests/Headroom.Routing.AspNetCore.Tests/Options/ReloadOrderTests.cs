using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>Reloads that come at once, reloads that change nothing, and what counts as a change.</summary>
[TestClass]
public sealed class ReloadOrderTests
{
    [TestMethod]
    public async Task Of_two_reloads_at_once_the_last_one_reads_the_newest_configuration()
    {
        var first = new ConfigurationBuilder().AddInMemoryCollection().Build();
        var second = new ConfigurationBuilder().AddInMemoryCollection().Build();
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var stopAt = "";
        var services = new ServiceCollection();
        services.AddHeadroomProxy(first).Services.AddHeadroomProxy(second).Services.AddHeadroomProxy(options =>
        {
            // The first reload stands still here, with both configurations read.
            if (Thread.CurrentThread.Name == stopAt)
            {
                reading.Set();
                Assert.IsTrue(goOn.Wait(Patience.Limit));
            }
        });
        await using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<CurrentOptions>();

        stopAt = "first";
        var firstReload = Start("first", () => Change(first, "Headroom:Upstreams:one", "http://one.example"));
        Assert.IsTrue(reading.Wait(Patience.Limit));
        var secondReload = Start("second", () => Change(second, "Headroom:Upstreams:two", "http://two.example"));
        // Until the second reload is over, or waits for the first one.
        SpinWait.SpinUntil(() => !secondReload.IsAlive || secondReload.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Patience.Limit);
        goOn.Set();
        Assert.IsTrue(firstReload.Join(Patience.Limit));
        Assert.IsTrue(secondReload.Join(Patience.Limit));

        CollectionAssert.AreEquivalent(new[] { "one", "two" }, options.Current.Options.Upstreams.Keys.ToArray());

        static void Change(IConfigurationRoot configuration, string key, string value)
        {
            configuration[key] = value;
            configuration.Reload();
        }

        static Thread Start(string name, Action action)
        {
            var thread = new Thread(() => action()) { Name = name, IsBackground = true };
            thread.Start();
            return thread;
        }
    }

    [TestMethod]
    public async Task A_change_elsewhere_compiles_and_logs_nothing()
    {
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Upstreams:local", "http://one.example"));
        var options = host.Services.GetRequiredService<CurrentOptions>();
        var before = options.Current;

        Change(host, "Logging:LogLevel:Default", "Debug");

        Assert.AreSame(before, options.Current);
        Assert.DoesNotContain(entry => entry.EventId.Id is 10 or 11 && entry.Category.Contains("Headroom", StringComparison.Ordinal), host.Logs.Entries);
        Change(host, "Headroom:Upstreams:local", "http://two.example");
        Assert.AreNotSame(before, options.Current);
    }

    [TestMethod]
    public async Task Options_are_checked_and_used_without_compiling_them_twice()
    {
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Upstreams:local", "http://one.example"));
        var options = host.Services.GetRequiredService<CurrentOptions>();
        var compiler = host.Services.GetRequiredService<OptionsCompiler>();

        Assert.IsTrue(compiler.TryCompile(options.Options, out var resolver, out _, out _));

        Assert.AreSame(options.Current.Resolver, resolver);
    }

    // The options hold the app's own object, so what they held before can't be read from them afterwards.
    [TestMethod]
    public async Task What_the_apps_own_objects_hold_is_compared_with_what_was_compiled()
    {
        using var upstreams = new EchoHandler();
        var openAI = new ProviderOptions { BaseAddress = "http://one.example" };
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection();
                builder.Services.AddHeadroomProxy(options => options.Providers["OpenAI"] = openAI).UseUnguardedPrimaryHandler(upstreams);
            },
            app => app.MapHeadroomRoutes());
        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);

        openAI.BaseAddress = "http://two.example";
        Change(host, "Logging:LogLevel:Default", "Debug");

        Assert.AreEqual("http://two.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
    }

    [TestMethod]
    public async Task A_change_while_the_first_options_are_read_is_not_lost()
    {
        using var upstreams = new EchoHandler();
        var read = false;
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Headroom:Upstreams:local", (string?)"http://one.example")]);
                builder.Services.AddHeadroomProxy(_ =>
                {
                    if (!read)
                    {
                        read = true;
                        builder.Configuration["Headroom:Upstreams:local"] = "http://two.example";
                        ((IConfigurationRoot)builder.Configuration).Reload();
                    }
                }).UseUnguardedPrimaryHandler(upstreams);
            },
            app => app.MapHeadroomRoutes());

        Assert.AreEqual("http://two.example/x", (await Answer.OfAsync(host.Address, "GET", "/@local/x")).Url);
    }

    [TestMethod]
    public async Task The_same_error_is_logged_once_and_its_end_too()
    {
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Upstreams:local", "http://one.example"));

        Change(host, "Headroom:Upstreams:local", "x");
        Change(host, "Logging:LogLevel:Default", "Debug");
        Assert.HasCount(1, host.Logs.Entries.Where(entry => entry.EventId.Name == "ReloadRefused"));
        Change(host, "Headroom:Upstreams:local", "http://one.example");

        Assert.HasCount(1, host.Logs.Entries.Where(entry => entry.EventId.Name == "ReloadRefused"));
        Assert.HasCount(1, host.Logs.Entries.Where(entry => entry.EventId.Name == "Reloaded"));
    }

    [TestMethod]
    public async Task One_configuration_behind_two_sources_is_reloaded_once()
    {
        var reads = 0;
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Headroom:Upstreams:local", (string?)"http://one.example")]);
                builder.Services.AddHeadroomProxy().Services
                    .AddHeadroomProxy(builder.Configuration.GetSection("Headroom")).Services
                    .AddHeadroomProxy(builder.Configuration).Services
                    .AddHeadroomProxy(_ => reads++);
            },
            app => app.MapHeadroomRoutes());
        reads = 0;

        Change(host, "Logging:LogLevel:Default", "Debug");

        Assert.AreEqual(1, reads);
    }

    [TestMethod]
    public void Options_that_differ_in_any_setting_are_not_equal()
    {
        AssertEachCounts<HeadroomProxyOptions>(options => options);
        AssertEachCounts<ProviderOptions>(provider => new() { Providers = { ["OpenAI"] = provider } });
        AssertEachCounts<UpstreamOptions>(upstream => new() { Upstreams = { ["local"] = upstream } });
    }

    [TestMethod]
    public void What_tells_options_apart_tells_no_key() =>
        Assert.MatchesRegex("^[0-9A-F]{64}$", OptionsFingerprint.Of(new() { Tokens = { ["a"] = "S3CRET" }, Upstreams = { ["a"] = new() { Headers = { ["api-key"] = "S3CRET" } } } }));

    [TestMethod]
    public void Equal_options_are_equal_and_similar_ones_are_not()
    {
        Assert.AreEqual(
            OptionsFingerprint.Of(new HeadroomProxyOptions { Upstreams = { ["a"] = "1", ["B"] = "2" }, AllowedOrigins = { "x" } }),
            OptionsFingerprint.Of(new HeadroomProxyOptions { Upstreams = { ["b"] = "2", ["A"] = "1" }, AllowedOrigins = { "x" } }));
        Assert.AreNotEqual(
            OptionsFingerprint.Of(new HeadroomProxyOptions { AllowedOrigins = { "a", "b" } }),
            OptionsFingerprint.Of(new HeadroomProxyOptions { AllowedOrigins = { "a1:b" } }));
        Assert.AreNotEqual(
            OptionsFingerprint.Of(new HeadroomProxyOptions { AllowedUpstreams = { "a" } }),
            OptionsFingerprint.Of(new HeadroomProxyOptions { AllowedOrigins = { "a" } }));
    }

    private static void AssertEachCounts<T>(Func<T, HeadroomProxyOptions> optionsWith)
        where T : new()
    {
        foreach (var property in typeof(T).GetProperties())
        {
            var changed = new T();
            switch (property.GetValue(changed))
            {
                case bool flag:
                    property.SetValue(changed, !flag);
                    break;
                case TimeSpan time:
                    property.SetValue(changed, time + TimeSpan.FromTicks(1));
                    break;
                case string text:
                    property.SetValue(changed, text + "x");
                    break;
                case IList<string> list:
                    list.Add("x");
                    break;
                case IDictionary<string, string> named:
                    named["x"] = "y";
                    break;
                case IDictionary<string, ProviderOptions> providers:
                    providers["x"] = new ProviderOptions();
                    break;
                case IDictionary<string, UpstreamOptions> upstreams:
                    upstreams["x"] = new UpstreamOptions();
                    break;
                case IDictionary<string, CallerOptions> callers:
                    callers["x"] = new CallerOptions();
                    break;
                case null when property.PropertyType == typeof(TimeSpan?):
                    property.SetValue(changed, TimeSpan.FromSeconds(1));
                    break;
                case null when property.PropertyType == typeof(string):
                    property.SetValue(changed, "x");
                    break;
                case null when property.PropertyType == typeof(IList<string>):
                    property.SetValue(changed, new List<string>());
                    break;
                default:
                    Assert.Fail($"{property.Name} is of a type that this test does not know.");
                    break;
            }

            Assert.AreNotEqual(OptionsFingerprint.Of(optionsWith(new T())), OptionsFingerprint.Of(optionsWith(changed)), property.Name);
        }
    }

    private static void Change(GatewayHost host, string key, string value)
    {
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        configuration[key] = value;
        configuration.Reload();
    }
}
