namespace Headroom.Routing.Wire;

/// <summary>One kind of work for a proxy.</summary>
/// <param name="Name">What <c>--loads</c> takes.</param>
/// <param name="Title">The heading of its table.</param>
/// <param name="Unit">What is counted.</param>
internal abstract record Load(string Name, string Title, string Unit)
{
    internal const int TransferMegabytes = 100;

    internal static IReadOnlyList<Load> All { get; } =
    [
        new WrkLoad("get", "1 KB JSON, GET", "request", new RequestShape("GET", "/v1/models", 0), 1),
        new WrkLoad("post4k", "4 KB POST, 1 KB JSON back", "request", new RequestShape("POST", "/v1/chat/completions", 4096), 1),
        new WrkLoad("post100k", "100 KB POST, 1 KB JSON back", "request", new RequestShape("POST", "/v1/chat/completions", 102_400), 1),
        new WrkLoad("sse50", "SSE, 50 events each", "event", new RequestShape("POST", "/v1/chat/completions?events=50", 256), 50),
        new WrkLoad("sse500", "SSE, 500 events each", "event", new RequestShape("POST", "/v1/chat/completions?events=500", 256), 500),
        new StreamsLoad("steady", Count: 200, EventsPerSecond: 10_000),
        new StreamsLoad("slow", Count: null, EventsPerSecond: 1000),
        new TransferLoad("upload", $"{TransferMegabytes} MB upload", new RequestShape("POST", "/v1/files", TransferMegabytes << 20)),
        new TransferLoad("download", $"{TransferMegabytes} MB download", new RequestShape("GET", $"/v1/files/file/content?bytes={TransferMegabytes << 20}", 0)),
        new FixedRateLoad(),
    ];

    /// <summary>Whether each run gets a process of its own, so that memory which a former run left behind does not count as this one's.</summary>
    internal virtual bool NeedsFreshProcess => false;

    internal virtual string TitleFor(Settings settings) => Title;

    /// <summary>Sends the load for a time; the meter runs while it counts.</summary>
    internal abstract Task<Outcome> RunAsync(Target target, Settings settings, TimeSpan duration, Meter meter, CancellationToken cancellationToken);

    /// <summary>Makes sure that the target answers as the upstream does.</summary>
    /// <exception cref="MeasurementException">It does not.</exception>
    internal virtual Task VerifyAsync(Target target, Target direct, CancellationToken cancellationToken) => Task.CompletedTask;
}
