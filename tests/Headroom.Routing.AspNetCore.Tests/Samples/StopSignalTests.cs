using System.Diagnostics;
using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The sample app as a process of its own, as an orchestrator stops it.</summary>
[TestClass]
[OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)] // There is no SIGTERM.
public sealed partial class StopSignalTests
{
    [TestMethod]
    [DataRow("00:05:00", true)]
    [DataRow("00:00:00.500", false)]
    public async Task The_process_ends_with_0_whether_its_streams_ended_in_time_or_not(string timeout, bool endsInTime)
    {
        var stopped = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
            await exchange.WriteChunkAsync("data: 1\n\n");
            await stopped.Task;
            await exchange.WriteChunkAsync("data: 2\n\n");
            await exchange.EndChunksAsync();
        });
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "HostApp.dll"), "--urls=http://127.0.0.1:0", "--environment=Production",
                "--ShutdownDelay=00:00:00", $"--ShutdownTimeout={timeout}", $"--Headroom:Upstreams:lab={upstream.Address}",
            ])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            await using var client = await RawClient.ConnectAsync(await AddressAsync(process.StandardOutput));
            await client.SendAsync("GET /@lab/v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.AreEqual("data: 1\n\n", await response.ReadEventAsync());

            using (var kill = Process.Start("kill", $"-TERM {process.Id}"))
            {
                await kill.WaitForExitAsync().WaitAsync(Patience.Limit);
            }

            if (endsInTime)
            {
                stopped.SetResult();
                Assert.AreEqual("data: 2\n\n", await response.ReadEventAsync());
            }

            Assert.AreEqual(endsInTime ? StreamEnd.Clean : StreamEnd.Reset, (await response.ReadToEndAsync()).End);
            await process.WaitForExitAsync().WaitAsync(Patience.Limit);
            Assert.AreEqual(0, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<Uri> AddressAsync(StreamReader output)
    {
        while (await Patience.For(output.ReadLineAsync(), "the app to say where it listens") is { } line)
        {
            if (Address().Match(line) is { Success: true } match)
            {
                return new Uri(match.Value);
            }
        }

        throw new AssertFailedException("The app ended.");
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
