using System.Net;
using Headroom.DemoUpstream;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>Every command of every page: run here, or by what <c>commands.tsv</c> names.</summary>
[TestClass]
public sealed class CommandTests
{
    private const string Demo = "127.0.0.1:9999";
    private const string Explain = "/headroom/explain";

    // Where the tool listens, and where a new ASP.NET Core app does.
    private static readonly string[] Gateways = ["127.0.0.1:8787", "127.0.0.1:5000"];

    private static IReadOnlyList<ShellCommand> Commands { get; } =
        [.. MarkdownPage.All.SelectMany(page => page.Blocks).Where(block => block.Language == "bash").SelectMany(ShellCommand.In)];

    [TestMethod]
    public void Every_command_is_run_by_something()
    {
        var elsewhere = Elsewhere();
        var unknown =
            from command in Commands
            where !IsRequest(command) && !IsExplanation(command) && !elsewhere.Any(row => Covers(row.Command, command))
            select $"{command.Block}: {command.Line}";
        var stale =
            from row in elsewhere
            let file = Path.Combine(Repository.Root, row.File)
            where !Commands.Any(command => Covers(row.Command, command)) || !File.Exists(file) || !File.ReadAllText(file).Contains(row.Evidence, StringComparison.Ordinal)
            select $"commands.tsv: {row}";

        Assert.AreEqual("", string.Join(Environment.NewLine, unknown.Concat(stale)));
    }

    [TestMethod]
    public async Task Every_request_is_answered()
    {
        await using var demo = await DemoUpstreamServer.StartAsync();
        await using var app = Program.Build(["--urls=http://127.0.0.1:0", "--environment=Development", "--DemoUpstream:Url="], builder => builder.Logging.ClearProviders());
        await app.StartAsync();
        using var client = new HttpClient { Timeout = Patience.Limit };
        var requests = Commands.Where(IsRequest).ToArray();

        Assert.IsNotEmpty(requests);
        foreach (var command in requests)
        {
            // No test asks the network: what is for a provider is explained instead.
            var gateway = new Uri(app.Urls.Single()).Authority + (command.Line.Contains(Demo, StringComparison.Ordinal) || command.Line.Contains(Explain, StringComparison.Ordinal) ? "" : Explain);
            using var request = command.ToRequest(text => Gateways.Aggregate(text, (replaced, shown) => replaced.Replace(shown, gateway, StringComparison.Ordinal))
                .Replace(Demo, demo.Address.Authority, StringComparison.Ordinal));
            using var response = await client.SendAsync(request);
            var answer = await response.Content.ReadAsStringAsync();

            Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, $"{command.Block}: {answer}");
            if (request.RequestUri!.AbsolutePath.StartsWith(Explain, StringComparison.Ordinal))
            {
                Assert.Contains("\"forwarded\"", answer, command.ToString());
            }

            if (command.Words.Contains("-i"))
            {
                Assert.IsTrue(response.Headers.Contains(HeadroomHeaders.UpstreamUsed), command.Line);
            }
        }
    }

    [TestMethod]
    public async Task Every_explanation_is_given()
    {
        var explanations = Commands.Where(IsExplanation).ToArray();

        Assert.IsNotEmpty(explanations);
        foreach (var command in explanations)
        {
            Assert.AreEqual(0, await Program.Main([.. command.Words.Skip(1), "--environment=Development"]), command.Line);
        }
    }

    private static bool IsRequest(ShellCommand command) => command.Words[0] == "curl" && Gateways.Any(gateway => command.Words.Any(word => word.StartsWith($"http://{gateway}/", StringComparison.Ordinal)));

    // Names are not resolved: no test asks the network.
    private static bool IsExplanation(ShellCommand command) => command.Words is ["headroom", "explain", ..] && !command.Words.Contains("--dns");

    private static bool Covers(string shape, ShellCommand command) => shape.EndsWith('*')
        ? command.Line.StartsWith(shape[..^1], StringComparison.Ordinal)
        : command.Line == shape;

    /// <summary>Commands that are not run here: the command, with a <c>*</c> for any rest; the file that runs it or says who does; and the words there.</summary>
    private static (string Command, string File, string Evidence)[] Elsewhere() =>
    [
        .. File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Headroom.Routing.AspNetCore.Tests", "Readme", "commands.tsv"))
            .Skip(1).Select(line => line.Split('\t')).Select(cells => (cells[0], cells[1], cells[2])),
    ];
}
