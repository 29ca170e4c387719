using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Tests.House;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>What the tool finds in a settings file.</summary>
[TestClass]
public sealed partial class ConfigCommandTests
{
    [TestMethod]
    [DataRow("{}")]
    [DataRow("""{ "$schema": "x", "OPENAI_TARGET_API_URL": "http://127.0.0.1:9", "OTEL_SERVICE_NAME": "x", "Kestrel": { "Limits": {} }, "urls": "http://127.0.0.1:9" }""")]
    [DataRow("""{ "Headroom": { "AllowedUpstreams": [ "https://*" ], /* yes */ "Upstreams": { "local": "http://127.0.0.1:9/v1" }, } }""")]
    public async Task A_good_file_is_one_line(string json)
    {
        var (exit, output, error, path) = await CheckAsync(json);

        Assert.AreEqual((0, "", $"{path} is valid.\n"), (exit, error, output));
    }

    [TestMethod]
    [DataRow("""{ "Headroom": { "CatchAl": true, "IdleTimeout": "10", "AllowedUpstreams": [ "ftp://x" ] } }""", "Headroom:CatchAl: ", "Headroom:IdleTimeout: ", "Headroom:AllowedUpstreams:0: ")]
    [DataRow("""{ "Headrom": { "CatchAll": true }, "Prometeus": true }""", "Headrom: there is no such setting.", "Prometeus: there is no such setting.")]
    [DataRow("""{ "ShutdownDelay": "5" }""", "ShutdownDelay must be a time")]
    [DataRow("""{ "Page": "perhaps" }""", "'Page'")]
    [DataRow("""{ "Headroom": { "Callers": { "x": { "Policy": "unknown", "AllowCatalog": true } } } }""", "Headroom:Callers:x:Policy: ")]
    public async Task Every_mistake_is_a_line_with_its_key(string json, params string[] mistakes)
    {
        var (exit, output, error, _) = await CheckAsync(json);

        Assert.AreEqual((1, ""), (exit, output));
        var lines = error.TrimEnd('\n').Split('\n');
        Assert.HasCount(mistakes.Length, lines, error);
        foreach (var mistake in mistakes)
        {
            Assert.HasCount(1, lines.Where(line => line.StartsWith("error: ", StringComparison.Ordinal) && line.Contains(mistake, StringComparison.Ordinal)), error);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("{ \"Headroom\": {\n \"CatchAll\" true } }")]
    [DataRow("""{ "urls": "a", "URLS": "b" }""")]
    public async Task What_is_no_settings_file_is_told_in_a_line_that_names_it(string text)
    {
        var (exit, output, error, path) = await CheckAsync(text);

        Assert.AreEqual((1, ""), (exit, output));
        Assert.StartsWith("error: ", error);
        Assert.Contains(path, error);
        Assert.HasCount(1, error.TrimEnd('\n').Split('\n'), error);
    }

    [TestMethod]
    [DataRow("no-such-folder/appsettings.json")]
    [DataRow(".")]
    public async Task A_file_that_is_not_there_is_named(string file)
    {
        var (exit, output, error) = await Tool.RunAsync("config", "check", file);

        Assert.AreEqual((1, ""), (exit, output));
        Assert.AreEqual($"error: {Path.GetFullPath(file)}: there is no such file.\n", error);
    }

    [TestMethod]
    [DoNotParallelize]
    public async Task What_the_environment_says_is_not_in_the_file()
    {
        string[] variables = ["Headroom__Tokens__0", "Headroom__CatchAl", "ASPNETCORE_ShutdownDelay", "OTEL_EXPORTER_OTLP_ENDPOINT"];
        Array.ForEach(variables, variable => Environment.SetEnvironmentVariable(variable, "nonsense"));
        try
        {
            Assert.AreEqual(0, (await CheckAsync("{}")).Exit);
        }
        finally
        {
            Array.ForEach(variables, variable => Environment.SetEnvironmentVariable(variable, null));
        }
    }

    [TestMethod]
    public async Task The_settings_that_the_page_shows_are_good()
    {
        var blocks = Json().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/tool.md"))).Select(match => match.Groups[1].Value).ToList();

        Assert.HasCount(1, blocks);
        Assert.AreEqual(0, (await CheckAsync(blocks[0])).Exit);
    }

    private static async Task<(int Exit, string Output, string Error, string Path)> CheckAsync(string text)
    {
        var folder = Directory.CreateTempSubdirectory("headroom");
        try
        {
            var path = Path.Combine(folder.FullName, ".settings.json");
            await File.WriteAllTextAsync(path, text);
            var (exit, output, error) = await Tool.RunAsync("config", "check", path);
            return (exit, output, error, path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex("^```json\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Json();
}
