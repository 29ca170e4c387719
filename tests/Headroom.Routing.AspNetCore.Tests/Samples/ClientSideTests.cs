using System.Diagnostics;
using Headroom.DemoUpstream;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The sample as a person runs it: a process with arguments, output and an exit code.</summary>
[TestClass]
public sealed class ClientSideTests
{
    [TestMethod]
    [DataRow("httpclient")]
    [DataRow("openai")]
    [DataRow("chat")]
    public async Task Each_client_prints_the_answer_of_the_upstream_or_why_it_may_not_go_there(string client)
    {
        await using var demo = await DemoUpstreamServer.StartAsync();

        Assert.AreEqual((0, "Hello from the demo upstream. You said: Hello\n", ""), await RunAsync(client, $"{demo.Address}v1"));

        foreach (var upstream in new[] { "http://10.0.0.1/v1", "openrouter" })
        {
            var (exitCode, output, error) = await RunAsync(client, upstream);

            Assert.AreEqual((1, ""), (exitCode, output));
            Assert.IsFalse(string.IsNullOrWhiteSpace(error));
            Assert.HasCount(1, error.TrimEnd().Split('\n'));
        }
    }

    [TestMethod]
    [DataRow]
    [DataRow("chat")]
    [DataRow("curl", "http://127.0.0.1:9999")]
    public async Task Other_arguments_are_answered_by_the_usage(params string[] args)
    {
        var (exitCode, output, error) = await RunAsync(args);

        Assert.AreEqual((2, ""), (exitCode, output));
        Assert.StartsWith("usage: ", error);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        // Where the tests are built to, below their own project, the sample is below its.
        var build = Path.GetRelativePath(Path.Combine(Repository.Root, "tests", typeof(ClientSideTests).Assembly.GetName().Name!), AppContext.BaseDirectory);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(Repository.Root, "samples", "ClientSide", build, "ClientSide.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience.Limit);
        return (process.ExitCode, (await output).ReplaceLineEndings("\n"), await error);
    }
}
