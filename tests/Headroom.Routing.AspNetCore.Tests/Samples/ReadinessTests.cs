using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>How the sample app ends: a load balancer sees it coming, and what is under way is finished.</summary>
[TestClass]
public sealed class ReadinessTests
{
    [TestMethod]
    public async Task A_stopping_app_is_alive_but_not_ready_on_new_connections_until_the_delay_is_over()
    {
        var clock = new ManualClock();
        await using var app = Build(clock, "--ShutdownDelay=00:00:07");
        await app.StartAsync();
        var running = app.WaitForShutdownAsync();
        Assert.AreEqual((200, 200), await HealthAsync(app));

        app.Lifetime.StopApplication();

        Assert.AreEqual(TimeSpan.FromSeconds(7), await Patience.For(clock.Asked, "the delay"));
        Assert.AreEqual((200, 503), await HealthAsync(app));
        Assert.IsFalse(running.IsCompleted);

        clock.Elapse();
        await running.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public async Task An_app_that_is_stopped_by_code_gets_the_delay_as_well()
    {
        var clock = new ManualClock();
        await using var app = Build(clock);
        await app.StartAsync();

        var stopping = app.StopAsync();

        Assert.AreEqual(TimeSpan.FromSeconds(5), await Patience.For(clock.Asked, "the delay"));
        Assert.AreEqual((200, 503), await HealthAsync(app));
        clock.Elapse();
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
        await using var app = Build(clock, $"--Headroom:Providers:OpenAI:BaseAddress={upstream.Address}");
        await app.StartAsync();
        await using var client = await RawClient.ConnectAsync(new Uri(app.Urls.Single()));
        await client.SendAsync("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.AreEqual("data: 1\n\n", await response.ReadEventAsync());

        var stopping = app.StopAsync();
        await Patience.For(clock.Asked, "the delay");
        clock.Elapse();
        stopped.SetResult();

        Assert.AreEqual("data: 2\n\n", await response.ReadEventAsync());
        Assert.AreEqual(StreamEnd.Clean, (await response.ReadToEndAsync()).End);
        await stopping.WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public void The_delay_does_not_shorten_the_time_that_requests_in_flight_have()
    {
        using var app = (IDisposable)Build(new ManualClock(), "--ShutdownDelay=00:00:07", "--ShutdownTimeoutSeconds=60");

        var options = ((WebApplication)app).Services.GetRequiredService<IOptions<HostOptions>>().Value;
        Assert.AreEqual(TimeSpan.FromSeconds(67), options.ShutdownTimeout);
    }

    [TestMethod]
    [DataRow("5")] // Five days, to .NET.
    [DataRow("-00:00:01")]
    public void A_delay_that_nobody_can_mean_stops_the_start(string delay)
    {
        var thrown = Assert.ThrowsExactly<OptionsValidationException>(() => Build(new ManualClock(), $"--ShutdownDelay={delay}"));

        Assert.Contains("ShutdownDelay", thrown.Message);
    }

    private static WebApplication Build(ManualClock clock, params string[] args) =>
        Program.Build(["--urls=http://127.0.0.1:0", "--environment=Production", .. args], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(clock);
        });

    private static async Task<(int? Alive, int? Ready)> HealthAsync(WebApplication app) => (await StatusAsync(app, "/healthz"), await StatusAsync(app, "/readyz"));

    /// <summary>A check's status on a connection of its own.</summary>
    private static async Task<int?> StatusAsync(WebApplication app, string path)
    {
        await using var client = await RawClient.ConnectAsync(new Uri(app.Urls.Single()));
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return (await client.ReadResponseAsync()).Status;
    }

    /// <summary>A clock on which the first wait lasts until the test says that it is over.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Action? _elapse;

        public Task<TimeSpan> Asked => _asked.Task;

        public void Elapse() => _elapse!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _elapse ??= () => callback(state);
            _asked.TrySetResult(dueTime);
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
