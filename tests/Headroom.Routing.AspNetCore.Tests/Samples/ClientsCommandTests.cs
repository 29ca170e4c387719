using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Headroom.HostApp.Commands.Clients;
using Headroom.Routing.AspNetCore.Tests.House;
using Tomlyn;
using Tomlyn.Model;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The configurations that the tool prints for clients: what the documentation shows, which the end-to-end tests prove with the clients themselves.</summary>
[TestClass]
public sealed partial class ClientsCommandTests
{
    private const string UserSettings = """
        {
          "urls": "http://0.0.0.0:9000",
          "Headroom": {
            "Tokens": [ "S3CRET" ],
            "Upstreams": {
              "local": "http://127.0.0.1:11434/v1",
              "azure": { "BaseAddress": "https://one.openai.azure.com", "Headers": { "api-key": "S3CRET" } },
              "lab.two": "https://lab.example.com/it's"
            }
          }
        }
        """;

    [TestMethod]
    public async Task OpenCode_gets_the_providers_of_the_documentation()
    {
        var shown = JsonNode.Parse(Blocks("json").Single(block => block.Contains("\"ollama\"", StringComparison.Ordinal)))!["provider"]!.AsObject();
        var printed = JsonNode.Parse(await PrintAsync(
            "opencode", "--upstream", "deepseek=https://api.deepseek.com/v1", "--upstream", "zai=https://api.z.ai/api/paas/v4", "--upstream", "ollama=http://127.0.0.1:11434/v1"))!["provider"]!.AsObject();

        CollectionAssert.AreEquivalent(new[] { "openai", "anthropic", "deepseek", "zai", "ollama" }, printed.Select(provider => provider.Key).ToArray());
        foreach (var (name, provider) in printed)
        {
            // Which models there are is the user's to say.
            (provider!.AsObject()["models"] as JsonObject)?.Clear();
            (shown[name]!.AsObject()["models"] as JsonObject)?.Clear();
            Assert.IsTrue(JsonNode.DeepEquals(shown[name], provider), $"{name}: {provider}");
        }
    }

    [TestMethod]
    public async Task OpenCode_gets_upstreams_of_the_settings_by_name()
    {
        var (output, error) = await PrintWithAsync(UserSettings, "opencode", "--upstream", "openai=https://llm.example.com/v1");
        var printed = JsonNode.Parse(output)!["provider"]!;

        Assert.AreEqual("http://127.0.0.1:9000/v1", (string?)printed["local"]!["options"]!["baseURL"]);
        Assert.AreEqual("local", (string?)printed["local"]!["options"]!["headers"]!["X-Headroom-Upstream"]);
        Assert.IsNull(printed["azure"]!["options"]!["apiKey"], "The gateway has the key.");
        Assert.AreEqual("{env:LAB_TWO_API_KEY}", (string?)printed["lab.two"]!["options"]!["apiKey"]);
        Assert.AreEqual("https://llm.example.com/v1", (string?)printed["openai"]!["options"]!["headers"]!["X-Headroom-Upstream"]);
        Assert.IsNull(printed["openai"]!["npm"], "OpenCode has a package for it.");
        Assert.Contains("X-Headroom-Proxy-Token", error);
        Assert.DoesNotContain("S3CRET", output + error);
    }

    [TestMethod]
    public async Task Codex_gets_the_provider_of_the_documentation()
    {
        var shown = Toml(Blocks("toml").Single(block => block.Contains("model_providers", StringComparison.Ordinal)));
        var printed = Toml(await PrintAsync("codex", "--upstream", "openrouter=https://openrouter.ai/api/v1"));

        Assert.AreEqual("headroom-openrouter", printed["model_provider"]);
        var provider = Provider(printed, "headroom-openrouter");
        foreach (var (key, value) in Provider(shown, (string)shown["model_provider"]).Where(pair => pair.Key != "name"))
        {
            Assert.AreEqual(Text(value), Text(provider[key]), key);
        }
    }

    [TestMethod]
    public async Task Codex_starts_with_its_own_provider_if_none_was_asked_for()
    {
        var printed = Toml((await PrintWithAsync(UserSettings, "codex")).Output);

        Assert.AreEqual("headroom", printed["model_provider"]);
        Assert.IsFalse(Provider(printed, "headroom").ContainsKey("http_headers"));
        Assert.AreEqual("X-Headroom-Upstream=lab.two", Text(Provider(printed, "headroom-lab.two")["http_headers"]));
        Assert.IsFalse(Provider(printed, "headroom-local").ContainsKey("env_key"));
        Assert.AreEqual("http://127.0.0.1:9000/v1", Provider(printed, "headroom-azure")["base_url"]);
    }

    [TestMethod]
    [DataRow("claude", "deepseek=https://api.deepseek.com/anthropic", "ANTHROPIC_CUSTOM_HEADERS")]
    [DataRow("gemini", "aihubmix=https://aihubmix.com/gemini/v1beta", "GEMINI_CLI_CUSTOM_HEADERS")]
    public async Task A_shell_gets_the_lines_of_the_documentation(string client, string upstream, string marker)
    {
        var shown = Blocks("bash").Single(block => block.Contains($"export {marker}=", StringComparison.Ordinal));
        var printed = await PrintAsync(client, "--upstream", upstream);

        Assert.AreEqual(Exports(shown), Exports(printed));
        Assert.AreEqual($"{Exports(printed)}\n# or: export {marker}=\"X-Headroom-Upstream: local\"", string.Join('\n', (await PrintWithAsync(
            """{ "Headroom": { "Upstreams": { "local": "http://127.0.0.1:9/v1" } } }""", client, "--upstream", upstream)).Output.TrimEnd().Split('\n').Where(line => line.Contains("export", StringComparison.Ordinal))));

        static string Exports(string block) => string.Join('\n', block.Split('\n').Where(line => line.StartsWith("export ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Without_an_upstream_a_shell_gets_the_address_alone() =>
        Assert.AreEqual("export ANTHROPIC_BASE_URL=http://127.0.0.1:9000\n", await PrintAsync("claude", "--port=9000"));

    [TestMethod]
    [DataRow(false, "export ANTHROPIC_CUSTOM_HEADERS=\"X-Headroom-Upstream: https://lab.example.com/\\$x's\"")]
    [DataRow(true, "$env:ANTHROPIC_CUSTOM_HEADERS = 'X-Headroom-Upstream: https://lab.example.com/$x''s'")]
    public void Values_are_quoted_for_their_shell(bool powerShell, string line) =>
        Assert.EndsWith(line, ClaudeCode.Configure("http://127.0.0.1:1", [new("lab", "https://lab.example.com/$x's", IsChosen: true)], powerShell));

    [TestMethod]
    [DataRow("http://127.0.0.1:8787")]
    [DataRow("http://127.0.0.1:9000", "--urls", "http://*:9000;http://127.0.0.1:9001")]
    [DataRow("\"http://[::1]:9000\"", "--urls", "http://[::]:9000")]
    [DataRow("https://llm.example.com:443", "--urls", "https://llm.example.com")]
    [DataRow("http://localhost:9000", "--Kestrel:Endpoints:Own:Url", "http://localhost:9000")]
    public async Task The_address_is_where_the_gateway_would_listen(string address, params string[] settings) =>
        Assert.AreEqual($"export ANTHROPIC_BASE_URL={address}\n", await PrintAsync(["claude", .. settings]));

    [TestMethod]
    [DataRow("--port", "0")]
    [DataRow("--urls", "http://unix:/tmp/socket")]
    [DataRow("--urls", "nonsense")]
    public async Task An_address_that_clients_cannot_know_is_no_address(params string[] settings)
    {
        var (exit, output, error) = await Tool.RunAsync(["clients", "claude", .. settings]);

        Assert.AreEqual((1, ""), (exit, output));
        Assert.StartsWith("error: ", error);
        Assert.Contains(settings[1] == "0" ? "http://127.0.0.1:0" : settings[1], error);
    }

    private static async Task<string> PrintAsync(params string[] args)
    {
        var (exit, output, error) = await Tool.RunAsync(["clients", .. args]);
        Assert.AreEqual((0, ""), (exit, error));
        return output.ReplaceLineEndings("\n");
    }

    private static async Task<(string Output, string Error)> PrintWithAsync(string settings, params string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("headroom");
        try
        {
            var file = new FileInfo(Path.Combine(folder.FullName, "appsettings.json"));
            await File.WriteAllTextAsync(file.FullName, settings);
            var (exit, output, error) = await Tool.RunAsync(file, ["clients", .. args]);
            Assert.AreEqual(0, exit, error);
            return (output.ReplaceLineEndings("\n"), error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<string> Blocks(string language) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md"))
            .SelectMany(file => Fence().Matches(File.ReadAllText(file)))
            .Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value),
    ];

    private static TomlTable Toml(string text) => TomlSerializer.Deserialize<TomlTable>(text)!;

    private static TomlTable Provider(TomlTable toml, string id) => (TomlTable)((TomlTable)toml["model_providers"])[id];

    private static string Text(object value) => value is TomlTable table ? string.Join(';', table.Select(pair => $"{pair.Key}={pair.Value}")) : $"{value}";

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
