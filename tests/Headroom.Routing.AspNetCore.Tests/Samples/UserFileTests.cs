using System.Diagnostics;
using System.Text.Json.Nodes;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>Which of the files, variables and flags that a machine may have tell the tool what to do. Real processes, because these are a process's own.</summary>
[TestClass]
public sealed class UserFileTests
{
    private const string Stranger = """{ "urls": "http://127.0.0.1:1", "Headroom": { "Providers": { "OpenAI": { "BaseAddress": "http://stranger.example" } }, "Upstreams": { "a": "http://stranger.example", "d": "http://stranger.example" } } }""";
    private const string File = """{ "urls": "http://127.0.0.1:2", "ShutdownDelay": "00:00:00", "Headroom": { "Upstreams": { "a": "http://file.example", "b": "http://file.example", "c": "http://file.example" }, "AllowedUpstreams": [ "http://list.example" ] } }""";

    [TestMethod]
    public async Task Flags_win_over_the_environment_that_over_the_file_and_the_working_directory_is_nobody()
    {
        using var home = new Home();
        using var process = home.Start("--port", "0", "--upstream", "c=http://flag.example", "--allow", "http://allowed.example", "--page");
        try
        {
            var greeting = new List<string>();
            while (greeting is [] || !greeting[^1].StartsWith("Commands", StringComparison.Ordinal))
            {
                greeting.Add(await Patience.For(process.StandardOutput.ReadLineAsync(), "the greeting") ?? throw new AssertFailedException(await process.StandardError.ReadToEndAsync()));
            }

            var address = new Uri(greeting.Single(line => line.StartsWith("Headroom app ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]);
            Assert.IsGreaterThan(2, address.Port);
            Assert.Contains($"Settings        {home.UserFile}", greeting);
            Assert.Contains($"Live page       {address.OriginalString}/headroom", greeting);

            Assert.AreEqual("http://file.example/x", await UrlAsync(address, "/@a/x"));
            Assert.AreEqual("http://environment.example/x", await UrlAsync(address, "/@b/x"));
            Assert.AreEqual("http://flag.example/x", await UrlAsync(address, "/@c/x"));
            Assert.IsNull(await UrlAsync(address, "/@d/x"));
            Assert.AreEqual("https://api.openai.com/v1/models", await UrlAsync(address, "/v1/models"));
            Assert.AreEqual("http://list.example/v1/models", await UrlAsync(address, "/v1/models", "http://list.example"));
            Assert.AreEqual("http://allowed.example/v1/models", await UrlAsync(address, "/v1/models", "http://allowed.example"));
            Assert.IsNull(await UrlAsync(address, "/v1/models", "http://127.0.0.1:9"), "Settings for Development were read.");
        }
        finally
        {
            process.Kill();
        }
    }

    [TestMethod]
    public async Task The_variable_for_the_address_wins_over_the_file()
    {
        using var home = new Home();
        using var process = home.Start("clients", "claude");

        Assert.StartsWith("export ANTHROPIC_BASE_URL=http://127.0.0.1:3\n", (await Patience.For(process.StandardOutput.ReadToEndAsync(), "the lines")).Replace("$env:ANTHROPIC_BASE_URL = 'http://127.0.0.1:3'", "export ANTHROPIC_BASE_URL=http://127.0.0.1:3", StringComparison.Ordinal).ReplaceLineEndings("\n"));
    }

    [TestMethod]
    public async Task A_mistake_in_the_file_stops_the_start()
    {
        using var home = new Home();
        await System.IO.File.WriteAllTextAsync(home.UserFile, """{ "Headroom": { "CatchAl": true } }""");
        var (exit, _, error) = await Tool.RunAsync(new FileInfo(home.UserFile), ["--port", "0"]);

        Assert.AreEqual(1, exit);
        Assert.StartsWith("error: Headroom:CatchAl: there is no such setting.", error);
    }

    [TestMethod]
    public void What_the_package_of_the_tool_sets_are_settings_of_the_app()
    {
        var folder = Path.Combine(Repository.Root, "samples/HostApp");
        var app = Keys("appsettings.json");

        Assert.AreEqual("", string.Join(' ', Keys("appsettings.Tool.json").Where(key => !key.StartsWith("Logging:", StringComparison.Ordinal)).Except(app)));

        IEnumerable<string> Keys(string file) =>
            new ConfigurationBuilder().AddJsonFile(Path.Combine(folder, file)).Build().AsEnumerable().Where(pair => pair.Value is not null).Select(pair => pair.Key);
    }

    [TestMethod]
    [DataRow("no/such/folder/appsettings.json")]
    [DataRow(null)]
    public async Task There_need_be_no_file(string? path)
    {
        await using var app = Program.Build(["--environment=Production"], userFile: path);

        Assert.AreEqual("http://127.0.0.1:8787", app.Configuration["urls"]);
    }

    private static async Task<string?> UrlAsync(Uri gateway, string target, string? upstream = null)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, "/headroom/explain" + target));
        if (upstream is not null)
        {
            request.Headers.Add("X-Headroom-Upstream", upstream);
        }

        using var response = await client.SendAsync(request);
        return (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["url"];
    }

    /// <summary>A user with settings of their own, who works in a folder of somebody else's.</summary>
    private sealed class Home : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("headroom");

        public Home()
        {
            UserFile = Path.Combine(_folder.CreateSubdirectory("headroom").FullName, "appsettings.json");
            System.IO.File.WriteAllText(UserFile, File);
            foreach (var name in new[] { "appsettings.json", "appsettings.Production.json" })
            {
                System.IO.File.WriteAllText(Path.Combine(_folder.CreateSubdirectory("stranger").FullName, name), Stranger);
            }
        }

        public string UserFile { get; }

        public Process Start(params string[] args)
        {
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "HostApp.dll"), .. args])
            {
                WorkingDirectory = Path.Combine(_folder.FullName, "stranger"),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment[OperatingSystem.IsWindows() ? "APPDATA" : "XDG_CONFIG_HOME"] = _folder.FullName;
            start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
            start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:3";
            start.Environment["Headroom__Upstreams__b"] = "http://environment.example";
            start.Environment["Headroom__Upstreams__c"] = "http://environment.example";
            return Process.Start(start)!;
        }

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
