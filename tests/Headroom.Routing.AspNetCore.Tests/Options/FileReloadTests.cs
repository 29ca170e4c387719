using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>Some editors save a file by deleting it and writing it anew; in between the proxy must not fall back to its defaults.</summary>
[TestClass]
public sealed class FileReloadTests
{
    private const string One = """{ "Headroom": { "Providers": { "OpenAI": { "BaseAddress": "http://one.example" } } } }""";
    private const string Two = """{ "Headroom": { "Providers": { "OpenAI": { "BaseAddress": "http://two.example" } } } }""";

    [TestMethod]
    [DataRow(null, false)]
    [DataRow("", false)]
    [DataRow("{ \"Headroom\": { \"Prov", false)]
    [DataRow("{}", false)]
    [DataRow(null, true)]
    public async Task A_file_that_is_saved_by_way_of_nothing_changes_nothing_in_between(string? between, bool chained)
    {
        using var upstreams = new EchoHandler();
        using var file = new SettingsFile(One);
        await using var host = await StartAsync(upstreams, file, chained);

        file.Save(between);
        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
        file.Save(between);
        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
        Assert.HasCount(1, host.Logs.Entries.Where(entry => entry.EventId.Name == "ReloadRefused" && entry.Mentions(SettingsFile.Name)));

        file.Save(Two);
        Assert.AreEqual("http://two.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
        Assert.HasCount(1, host.Logs.Entries.Where(entry => entry.EventId.Name == "Reloaded"));
    }

    [TestMethod]
    public async Task A_deleted_file_makes_any_other_change_invalid_too()
    {
        using var upstreams = new EchoHandler();
        using var file = new SettingsFile(One);
        await using var host = await StartAsync(upstreams, file);
        file.Save(null);

        AddLateUpstream(host).Reload();
        Assert.AreEqual(400, (await Answer.OfAsync(host.Address, "GET", "/@late/x")).Status);

        file.Save(One);
        Assert.AreEqual("http://late.example/x", (await Answer.OfAsync(host.Address, "GET", "/@late/x")).Url);
    }

    [TestMethod]
    public async Task A_file_that_keeps_other_settings_may_lose_those_of_the_proxy()
    {
        using var upstreams = new EchoHandler();
        using var file = new SettingsFile(One);
        await using var host = await StartAsync(upstreams, file);

        file.Save("""{ "Logging": { "LogLevel": { "Default": "Debug" } } }""");

        Assert.AreEqual("https://api.openai.com/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
    }

    [TestMethod]
    public async Task A_file_without_settings_of_the_proxy_may_vanish()
    {
        using var upstreams = new EchoHandler();
        using var file = new SettingsFile("""{ "Logging": { "LogLevel": { "Default": "Debug" } } }""");
        await using var host = await StartAsync(upstreams, file);

        AddLateUpstream(host);
        file.Save(null);

        Assert.AreEqual("http://late.example/x", (await Answer.OfAsync(host.Address, "GET", "/@late/x")).Url);
    }

    [TestMethod]
    public async Task A_file_that_holds_only_a_variable_counts_too()
    {
        using var upstreams = new EchoHandler();
        using var file = new SettingsFile("""{ "OPENAI_TARGET_API_URL": "http://one.example" }""");
        await using var host = await StartAsync(upstreams, file);

        file.Save(null);

        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
    }

    private static Task<GatewayHost> StartAsync(EchoHandler upstreams, SettingsFile file, bool chained = false) => GatewayHost.StartAsync(
        builder =>
        {
            if (chained)
            {
                builder.Configuration.AddConfiguration(new ConfigurationBuilder().Add(file.CreateSource()).Build(), shouldDisposeConfiguration: true);
            }
            else
            {
                ((IConfigurationBuilder)builder.Configuration).Add(file.CreateSource());
            }

            builder.Configuration.AddInMemoryCollection();
            builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
        },
        app => app.MapHeadroomRoutes());

    // Not through the configuration as a whole, which would write to the file's settings too.
    private static IConfigurationRoot AddLateUpstream(GatewayHost host)
    {
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        configuration.Providers.OfType<MemoryConfigurationProvider>().Last().Set("Headroom:Upstreams:late", "http://late.example");
        return configuration;
    }

    /// <summary>A real appsettings.json, whose changes are told by the test instead of a watcher that takes its time.</summary>
    private sealed class SettingsFile : IFileProvider, IDisposable
    {
        public const string Name = "appsettings.json";

        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("headroom");
        private readonly PhysicalFileProvider _files;
        private ConfigurationReloadToken _change = new();

        public SettingsFile(string text)
        {
            _files = new PhysicalFileProvider(_directory.FullName);
            File.WriteAllText(Path.Combine(_directory.FullName, Name), text);
        }

        /// <summary>Writes the file anew, or deletes it.</summary>
        public void Save(string? text)
        {
            var path = Path.Combine(_directory.FullName, Name);
            File.Delete(path);
            if (text is not null)
            {
                File.WriteAllText(path, text);
            }

            Interlocked.Exchange(ref _change, new ConfigurationReloadToken()).OnReload();
        }

        public JsonConfigurationSource CreateSource() => new()
        {
            FileProvider = this,
            Path = Name,
            Optional = true,
            ReloadOnChange = true,
            ReloadDelay = 0,

            // As the watcher's thread does, which nobody listens to.
            OnLoadException = context => context.Ignore = true,
        };

        public IFileInfo GetFileInfo(string subpath) => _files.GetFileInfo(subpath);

        public IDirectoryContents GetDirectoryContents(string subpath) => _files.GetDirectoryContents(subpath);

        public IChangeToken Watch(string filter) => _change;

        public void Dispose()
        {
            _files.Dispose();
            _directory.Delete(recursive: true);
        }
    }
}
