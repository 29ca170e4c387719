using System.Net.Sockets;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>How the sample app ends: a load balancer sees it coming, what is under way is finished, and what takes too long is seen to be broken off.</summary>
[TestClass]
public sealed class DrainingTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan All = Delay + Settling + TimeSpan.FromSeconds(60);
    private static readonly string[] Times = ["--ShutdownDelay=00:00:07", "--ShutdownTimeout=00:01:00"];

    [TestMethod]
    public async Task A_stopping_app_is_alive_but_not_ready_on_new_connections_until_the_delay_is_over()
    {
        var clock = new ManualClock();
        await using var app = Build(clock, Times);
        await app.StartAsync();
        var running = app.WaitForShutdownAsync();
        Assert.AreEqual((200, 200), await HealthAsync(app));

        app.Lifetime.StopApplication();

        var delay = await clock.WaitAsync(Delay);
        Assert.AreEqual((200, 503), await HealthAsync(app));
        Assert.IsFalse(running.IsCompleted);

        delay();
        (await clock.WaitAsync(Settling))();
        await running.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public async Task An_app_that_is_stopped_by_code_gets_the_delay_as_well()
    {
        var clock = new ManualClock();
        await using var app = Build(clock);
        await app.StartAsync();

        var stopping = app.StopAsync();

        var delay = await clock.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.AreEqual((200, 503), await HealthAsync(app));
        delay();
        (await clock.WaitAsync(Settling))();
        await stopping.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public async Task An_answer_that_begins_while_the_app_stops_is_the_last_on_its_connection()
    {
        var proceed = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            if (exchange.Request.Target == "/v1/slow")
            {
                await proceed.Task;
            }

            await exchange.RespondAsync(200, "whole");
        });
        var clock = new ManualClock();
        await using var app = Build(clock, [.. Times, $"--Headroom:Upstreams:lab={upstream.Address}"]);
        await app.StartAsync();

        await using var waiting = await ConnectAsync(app);
        await waiting.SendAsync(Get("/@lab/v1/slow"));
        await upstream.NextRequestAsync();
        await using var idle = await ConnectAsync(app);
        await idle.SendAsync(Get("/@lab/v1/models"));
        var before = await idle.ReadResponseAsync();
        Assert.IsEmpty(before.Values("Connection"));
        await before.ReadToEndAsync();

        var stopping = app.StopAsync();
        var delay = await clock.WaitAsync(Delay);

        await using var late = await ConnectAsync(app);
        foreach (var client in (RawClient[])[idle, late])
        {
            await client.SendAsync(Get("/@lab/v1/models"));
            await IsLastAsync(client);
        }

        proceed.SetResult();
        await IsLastAsync(waiting);
        delay();
        (await clock.WaitAsync(Settling))();
        await stopping.WaitAsync(Patience.Limit);

        static async Task IsLastAsync(RawClient client)
        {
            var response = await client.ReadResponseAsync();
            Assert.AreEqual("close", response.Values("Connection").Single());
            Assert.AreEqual("whole", (await response.ReadToEndAsync()).Text);
            Assert.AreEqual(StreamEnd.Clean, await client.WaitForEndAsync());
        }
    }

    [TestMethod]
    public async Task A_connection_that_was_opened_last_may_still_bring_its_request()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "whole"));
        var clock = new ManualClock();
        await using var app = Build(clock, [.. Times, $"--Headroom:Upstreams:lab={upstream.Address}"]);
        await app.StartAsync();
        var stopping = app.StopAsync();
        var delay = await clock.WaitAsync(Delay);
        await using var last = await ConnectAsync(app);

        delay();
        await RefusesConnectionsAsync(app);
        await last.SendAsync(Get("/@lab/v1/models"));

        Assert.AreEqual("whole", (await (await last.ReadResponseAsync()).ReadToEndAsync()).Text);
        (await clock.WaitAsync(Settling))();
        await stopping.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public async Task Over_HTTP2_clients_are_told_to_go_away_and_get_the_answers_to_what_they_sent()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "whole"));
        var clock = new ManualClock();
        await using var app = Build(clock, [.. Times, .. Http2, $"--Headroom:Upstreams:lab={upstream.Address}"]);
        await app.StartAsync();
        var client = await RawHttp2Client.ConnectAsync(new Uri(app.Urls.Single()));
        Assert.AreEqual("whole", (await client.SendAsync("GET", "/@lab/v1/models")).Text);

        var stopping = app.StopAsync();
        var delay = await clock.WaitAsync(Delay);

        var response = await client.SendAsync("GET", "/@lab/v1/models");
        Assert.AreEqual((200, "whole", StreamEnd.Clean), (response.Status, response.Text, response.End));
        Assert.AreEqual(0u, await client.ReadGoAwayAsync());
        await client.DisposeAsync();
        delay();
        (await clock.WaitAsync(Settling))();
        await stopping.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public async Task A_stream_under_way_is_delivered_to_its_end()
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
        var clock = new ManualClock();
        await using var app = Build(clock, [.. Times, $"--Headroom:Upstreams:lab={upstream.Address}"]);
        await app.StartAsync();
        await using var client = await ConnectAsync(app);
        await client.SendAsync(Get("/@lab/v1/models"));
        var response = await client.ReadResponseAsync();
        Assert.AreEqual("data: 1\n\n", await response.ReadEventAsync());

        var stopping = app.StopAsync();
        await StopListeningAsync(app, clock);
        stopped.SetResult();

        Assert.AreEqual("data: 2\n\n", await response.ReadEventAsync());
        Assert.AreEqual(StreamEnd.Clean, (await response.ReadToEndAsync()).End);
        Assert.AreEqual(StreamEnd.Clean, await client.WaitForEndAsync());
        await stopping.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public async Task An_upload_under_way_arrives_whole()
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            var body = await exchange.ReadBodyAsync();
            await exchange.RespondAsync(200, $"{body.Length} {body.End}");
        });
        var clock = new ManualClock();
        await using var app = Build(clock, [.. Times, $"--Headroom:Upstreams:lab={upstream.Address}"]);
        await app.StartAsync();
        await using var client = await ConnectAsync(app);
        await client.SendAsync("POST /@lab/v1/files HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf \r\n");
        await upstream.NextRequestAsync();

        var stopping = app.StopAsync();
        await StopListeningAsync(app, clock);
        await client.SendAsync("5\r\nother\r\n0\r\n\r\n");

        var response = await client.ReadResponseAsync();
        Assert.AreEqual((200, "10 Clean"), (response.Status, (await response.ReadToEndAsync()).Text));
        await stopping.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    [DataRow("1.1")]
    [DataRow("1.0", DisplayName = "1.0, where the end of the connection would be the end of the answer")]
    public async Task A_stream_that_takes_too_long_is_reset(string version)
    {
        await using var upstream = RawUpstream.Start(EndlessAsync);
        var clock = new ManualClock();
        var logs = new LogCapture();
        await using var app = Build(clock, [.. Times, $"--Headroom:Upstreams:lab={upstream.Address}"], logs);
        await app.StartAsync();
        await using var client = await ConnectAsync(app);
        await client.SendAsync($"GET /@lab/v1/models HTTP/{version}\r\nHost: localhost\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.AreEqual("data: 1\n\n", await response.ReadEventAsync());

        var stopping = app.StopAsync();
        await StopListeningAsync(app, clock);
        Assert.IsFalse(stopping.IsCompleted);
        (await clock.WaitAsync(All))();

        Assert.AreEqual(StreamEnd.Reset, (await response.ReadToEndAsync()).End);
        await stopping.WaitAsync(Patience.Limit);
        Assert.EndsWith(": 1", logs.Entries.Single(entry => entry is { Level: LogLevel.Warning, Category: "Headroom.HostApp.Draining" }).Message);
    }

    [TestMethod]
    public async Task A_stream_that_takes_too_long_over_HTTP2_ends_with_an_error()
    {
        await using var upstream = RawUpstream.Start(EndlessAsync);
        var clock = new ManualClock();
        await using var app = Build(clock, [.. Times, .. Http2, $"--Headroom:Upstreams:lab={upstream.Address}"]);
        await app.StartAsync();
        var client = await RawHttp2Client.ConnectAsync(new Uri(app.Urls.Single()));
        var asking = client.SendAsync("GET", "/@lab/v1/models");
        await upstream.NextRequestAsync();

        var stopping = app.StopAsync();
        await StopListeningAsync(app, clock);
        (await clock.WaitAsync(All))();

        var response = await asking;
        Assert.AreEqual(StreamEnd.Reset, response.End);
        Assert.AreNotEqual(0u, response.ErrorCode);
        await client.DisposeAsync();
        await stopping.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public async Task A_WebSocket_lives_on_until_the_time_is_over()
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            while (true)
            {
                await exchange.WriteAsync(await exchange.ReadRawAsync(1));
            }
        });
        var clock = new ManualClock();
        await using var app = Build(clock, [.. Times, $"--Headroom:Upstreams:lab={upstream.Address}"]);
        await app.StartAsync();
        await using var early = await ConnectAsync(app);
        var earlyEchoes = await OpenAsync(early);

        var stopping = app.StopAsync();
        var delay = await clock.WaitAsync(Delay);
        await EchoAsync(early, earlyEchoes);
        await using var late = await ConnectAsync(app);
        var lateEchoes = await OpenAsync(late);
        delay();
        (await clock.WaitAsync(Settling))();
        await RefusesConnectionsAsync(app);
        await EchoAsync(early, earlyEchoes);
        await EchoAsync(late, lateEchoes);
        Assert.IsFalse(stopping.IsCompleted);

        (await clock.WaitAsync(All))();
        Assert.AreEqual(StreamEnd.Reset, (await earlyEchoes.ReadToEndAsync()).End);
        Assert.AreEqual(StreamEnd.Reset, (await lateEchoes.ReadToEndAsync()).End);
        await stopping.WaitAsync(Patience.Limit);

        static async Task<RawResponse> OpenAsync(RawClient client)
        {
            await client.SendAsync(
                "GET /@lab/v1/realtime HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.AreEqual((101, "Upgrade"), (response.Status, response.Values("Connection").Single()));
            await EchoAsync(client, response);
            return response;
        }

        static async Task EchoAsync(RawClient client, RawResponse echoes)
        {
            await client.SendAsync("!");
            Assert.AreEqual("!", Octets.Text(await echoes.ReadAsync(1)));
        }
    }

    [TestMethod]
    [DataRow("ShutdownDelay", "5", DisplayName = "5 days, to .NET")]
    [DataRow("ShutdownDelay", "-00:00:01")]
    [DataRow("ShutdownTimeout", "300")]
    [DataRow("ShutdownTimeout", "1")]
    [DataRow("ShutdownTimeout", "-00:00:01")]
    public async Task A_time_that_nobody_can_mean_stops_the_start(string setting, string value)
    {
        var thrown = await Assert.ThrowsExactlyAsync<OptionsValidationException>(async () =>
        {
            await using var app = Build(new ManualClock(), [$"--{setting}={value}"]);
            await app.StartAsync();
        });

        Assert.Contains(setting, thrown.Message);
    }

    private static string[] Http2 => ["--Kestrel:Endpoints:Own:Url=http://127.0.0.1:0", "--Kestrel:Endpoints:Own:Protocols=Http2"];

    private static WebApplication Build(ManualClock clock, string[]? args = null, ILoggerProvider? logs = null) =>
        Program.Build(["--urls=http://127.0.0.1:0", "--environment=Production", .. args ?? []], builder =>
        {
            builder.Logging.ClearProviders();
            if (logs is not null)
            {
                builder.Logging.AddProvider(logs);
            }

            builder.Services.AddSingleton<TimeProvider>(clock);
        });

    private static Task<RawClient> ConnectAsync(WebApplication app) => RawClient.ConnectAsync(new Uri(app.Urls.Single()));

    private static string Get(string path) => $"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static async Task EndlessAsync(RawExchange exchange)
    {
        await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
        await exchange.WriteChunkAsync("data: 1\n\n");
        await exchange.WaitForHangUpAsync();
    }

    /// <summary>Ends the delay.</summary>
    private static async Task StopListeningAsync(WebApplication app, ManualClock clock)
    {
        (await clock.WaitAsync(Delay))();
        (await clock.WaitAsync(Settling))();
        await RefusesConnectionsAsync(app);
    }

    /// <summary>Waits until the app takes no more connections.</summary>
    private static async Task RefusesConnectionsAsync(WebApplication app)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!patience.IsCancellationRequested)
        {
            try
            {
                await using var client = await ConnectAsync(app);
                await client.WaitForEndAsync();
            }
            catch (SocketException)
            {
                return;
            }
        }

        throw Patience.Exhausted("the listener to close");
    }

    private static async Task<(int? Alive, int? Ready)> HealthAsync(WebApplication app) => (await StatusAsync(app, "/healthz"), await StatusAsync(app, "/readyz"));

    /// <summary>A check's status on a connection of its own.</summary>
    private static async Task<int?> StatusAsync(WebApplication app, string path)
    {
        await using var client = await ConnectAsync(app);
        await client.SendAsync(Get(path));
        return (await client.ReadResponseAsync()).Status;
    }
}
