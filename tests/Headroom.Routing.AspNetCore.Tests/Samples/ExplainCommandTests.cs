using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The sample app's answer at a terminal to where a request would go.</summary>
[TestClass]
public sealed class ExplainCommandTests
{
    [TestMethod]
    public async Task Prints_where_a_request_goes_without_sending_it_and_without_listening()
    {
        await using var upstream = RawUpstream.Start();

        // The port is taken, so a start would fail.
        var (exit, output, error) = await RunAsync(
            "POST", "/v1/chat/completions?key=s3cr3t", "-H", "X-Headroom-Upstream: LOCAL", "--header", "Authorization:Bearer sk-s3cr3t",
            $"--Headroom:Upstreams:local={upstream.Address}", "--urls", upstream.Address.OriginalString);

        Assert.AreEqual((0, ""), (exit, error));
        Assert.StartsWith($"POST /v1/chat/completions?key=... -> {upstream.Address}v1/chat/completions?key=...\n\n  login      ", output);
        Assert.Contains($"\n  upstream   By the name local: {upstream.Address.OriginalString} (choice: name)\n", output);
        Assert.Contains("\n  headers    Dropped: X-Headroom-Upstream\n", output);
        Assert.DoesNotContain("s3cr3t", output);
        Assert.AreEqual(0, await upstream.CountConnectionsAsync());
    }

    [TestMethod]
    [DataRow(1, "GET /v1/models -> 400 invalid_upstream\n", "/v1/models", "-H", "X-Headroom-Upstream: no-such-name")]
    [DataRow(1, "GET /v1/models -> 403 upstream_not_allowed\n", "/v1/models", "-H", "X-Headroom-Upstream: http://10.0.0.1", "--environment", "Production")]
    [DataRow(1, "GET /v1/models -> 403 origin_not_allowed\n", "/v1/models", "-H", "Origin: https://evil.example")]
    [DataRow(1, "GET /favicon.ico -> left to the app\n", "/favicon.ico")]
    [DataRow(0, "GET /v1/models -> http://127.0.0.1:9/v1/models\n", "/v1/models", "-H", "X-Headroom-Upstream: http://127.0.0.1:9", "--environment=Development")]
    public async Task The_exit_code_tells_whether_it_is_forwarded(int exit, string firstLine, string target, params string[] args)
    {
        var result = await RunAsync(["GET", target, .. args]);

        Assert.AreEqual(exit, result.Exit, result.Output);
        Assert.StartsWith(firstLine, result.Output);
        Assert.AreEqual("", result.Error);
    }

    [TestMethod]
    public async Task Resolves_the_upstreams_name_when_it_is_asked_to()
    {
        string[] request = ["GET", "/v1/models", "--Headroom:Providers:OpenAI:BaseAddress=http://127.0.0.1:9"];

        Assert.DoesNotContain("\n  addresses", (await RunAsync(request)).Output);
        Assert.EndsWith("  addresses  127.0.0.1 (allowed)\n", (await RunAsync([.. request, "--dns"])).Output);
    }

    [TestMethod]
    [DataRow("'explain'")]
    [DataRow("'explain'", "GET")]
    [DataRow("'explain'", "/v1/models")]
    [DataRow("v1/models: is no path", "GET", "v1/models")]
    [DataRow("http://127.0.0.1:8787/v1/models: is no path", "GET", "http://127.0.0.1:8787/v1/models")]
    [DataRow("'explain'", "--dns", "/v1/models")]
    [DataRow("--urls: is no method", "--urls", "/v1/models")]
    [DataRow("'-H'", "GET", "/v1/models", "-H")]
    [DataRow("no colon: is not NAME: VALUE", "GET", "/v1/models", "-H", "no colon")]
    [DataRow(": no name: is not NAME: VALUE", "GET", "/v1/models", "-H", ": no name")]
    [DataRow("'--header'", "GET", "/v1/models", "--header")]
    [DataRow("-d: there is no such flag", "GET", "/v1/models", "-d", "body")]
    [DataRow("stray: there is no such command", "GET", "/v1/models", "stray")]
    [DataRow("--Headroom:CatchAll: the value is missing", "GET", "/v1/models", "--Headroom:CatchAll")]
    public async Task Bad_usage_is_told_in_a_line(string mistake, params string[] args)
    {
        var (exit, output, error) = await RunAsync(args);

        Assert.AreEqual((2, ""), (exit, output));
        Assert.StartsWith("error: ", error);
        Assert.Contains(mistake, error);
    }

    [TestMethod]
    public async Task A_wrong_setting_is_told_as_at_a_start()
    {
        var (exit, output, error) = await RunAsync("GET", "/v1/models", "--Headroom:Providrs:X=y");

        Assert.AreEqual((2, ""), (exit, output));
        Assert.StartsWith("error: Headroom:Providrs: there is no such setting.", error);
    }

    [TestMethod]
    public async Task The_app_runs_it_by_its_first_argument() => Assert.AreEqual(2, await Program.Main(["explain", "what"]));

    [TestMethod]
    public async Task Knows_the_flags_of_a_start() =>
        Assert.StartsWith("GET /@local/x -> http://127.0.0.1:9/x\n", (await RunAsync("GET", "/@local/x", "--upstream", "local=http://127.0.0.1:9", "--page")).Output);

    private static Task<(int Exit, string Output, string Error)> RunAsync(params string[] args) => Tool.RunAsync(["explain", .. args]);
}
