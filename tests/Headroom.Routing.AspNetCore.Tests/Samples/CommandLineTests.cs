using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Tests.House;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>What the tool says to words that it knows, and to those that it does not.</summary>
[TestClass]
public sealed partial class CommandLineTests
{
    [TestMethod]
    [DataRow("--prot: there is no such flag or setting.", "--prot", "9000")]
    [DataRow("--Port: there is no such flag or setting.", "--Port=9000")]
    [DataRow("--Headrom:CatchAll: there is no such flag or setting.", "--Headrom:CatchAll=false")]
    [DataRow("--Headroom:CatchAll: the value is missing.", "--Headroom:CatchAll")]
    [DataRow("--urls: the value is missing.", "--urls", "--Headroom:CatchAll=false")]
    [DataRow("-x: there is no such flag.", "-x")]
    [DataRow("strat: there is no such command.", "strat")]
    [DataRow("--port: 'x' is no port; there are 0 to 65535.", "--port", "x")]
    [DataRow("--port: '65536' is no port; there are 0 to 65535.", "--port=65536")]
    [DataRow("'--port'", "--port")]
    [DataRow("--port and --urls: give one of them.", "--port", "9000", "--urls", "http://127.0.0.1:9000")]
    [DataRow("--upstream: 'deepseek' is not NAME=URL.", "--upstream", "deepseek")]
    [DataRow("--upstream: '=http://127.0.0.1:9' is not NAME=URL.", "--upstream", "=http://127.0.0.1:9")]
    [DataRow("'--allow'", "--allow")]
    [DataRow("'clients'", "clients")]
    [DataRow("'cursor'", "clients", "cursor")]
    [DataRow("--prot: there is no such flag or setting.", "clients", "codex", "--prot=9000")]
    [DataRow("Required command", "config")]
    [DataRow("'check'", "config", "check")]
    [DataRow("'--prot'", "config", "check", "appsettings.json", "--prot")]
    public async Task A_word_that_it_does_not_know_is_named_in_one_line(string mistake, params string[] args)
    {
        var (exit, output, error) = await Tool.RunAsync(args);

        Assert.AreEqual((2, ""), (exit, output));
        Assert.StartsWith("error: ", error);
        Assert.Contains(mistake, error);
        Assert.AreEqual(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal), error);
    }

    [TestMethod]
    [DataRow("Headroom:AllowedUpstreams:0: ", "--allow", "ftp://llm.example.com")]
    [DataRow("Headroom:Upstreams:deep seek: ", "--upstream", "deep seek=https://api.deepseek.com/v1")]
    [DataRow("Headroom:CatchAll: ", "--Headroom:CatchAll", "perhaps")]
    public async Task A_value_that_the_app_refuses_is_told_as_at_a_start(string mistake, params string[] args)
    {
        var (exit, output, error) = await Tool.RunAsync(["clients", "claude", .. args]);

        Assert.AreEqual((1, ""), (exit, output));
        Assert.StartsWith("error: " + mistake, error);
    }

    [TestMethod]
    [DataRow("explain", "config", "clients", "--port", "--upstream", "--allow", "--page", "--version", "--help")]
    [DataRow("METHOD", "--header", "--dns", "--upstream", "explain", "--help")]
    [DataRow("opencode", "--port", "--upstream", "clients", "--help")]
    [DataRow("FILE", "config", "check", "--help")]
    public async Task Help_tells_of_every_word(params string[] words)
    {
        var command = words.SkipWhile(word => word is not ("explain" or "config" or "clients")).TakeWhile(word => !word.StartsWith('-')).ToArray();
        var (exit, output, error) = await Tool.RunAsync([.. words[0] == "explain" ? [] : command, "--help"]);

        Assert.AreEqual((0, ""), (exit, error));
        foreach (var word in words)
        {
            Assert.Contains(word, output);
        }
    }

    [TestMethod]
    public async Task The_version_is_one_line()
    {
        var (exit, output, _) = await Tool.RunAsync("--version");

        Assert.AreEqual(0, exit);
        Assert.MatchesRegex(@"^\d+\.\d+\S*\n$", output);
    }

    /// <summary>Those that run until they are stopped are left to the consumer test.</summary>
    [TestMethod]
    [DataRow("docs/tool.md", 6)]
    [DataRow("samples/HostApp/README.md", 1)]
    public async Task Each_command_of_a_page_works(string page, int count)
    {
        var commands = Command().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, page))).Select(match => match.Groups[1].Value).ToList();

        Assert.HasCount(count, commands);
        foreach (var command in commands)
        {
            var words = Word().Matches(command).Select(match => match.Value.Trim('\''));
            var file = Path.Combine(Repository.Root, "samples/HostApp/appsettings.json");
            var (exit, output, error) = await Tool.RunAsync([.. words.Select(word => word.StartsWith('~') ? file : word)]);
            Assert.AreEqual((0, ""), (exit, error), command);
            Assert.AreNotEqual("", output, command);
        }
    }

    [GeneratedRegex("^headroom ((?:explain|config|clients) .*)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("'[^']*'|\\S+")]
    private static partial Regex Word();
}
