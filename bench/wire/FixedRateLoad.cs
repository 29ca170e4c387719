using System.Collections.Concurrent;
using System.Diagnostics;

namespace Headroom.Routing.Wire;

/// <summary>
/// Requests at a fixed rate, however long the answers take (an open loop): a slow answer delays no later request, so it can't hide how long that
/// one would have waited. Where no connection is idle, another is opened.
/// </summary>
internal sealed record FixedRateLoad() : Load("rate", "1 KB JSON, GET, at a fixed rate", "request")
{
    private const int MostAtOnce = 2000;

    private static readonly RequestShape Shape = new("GET", "/v1/models", 0);

    internal override string TitleFor(Settings settings) => $"{Title} ({settings.Rate:N0} a second)";

    internal override async Task<Outcome> RunAsync(Target target, Settings settings, TimeSpan duration, Meter meter, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var times = new ConcurrentQueue<double>();
        var failures = 0;
        var running = 0;

        // Opens the connections, which are not what is measured.
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => SendAsync()));
        times.Clear();

        var pending = new List<Task>();
        var total = (int)(settings.Rate * duration.TotalSeconds);
        meter.Start();
        while (pending.Count < total)
        {
            var due = Math.Min(total, (int)(settings.Rate * meter.Elapsed.TotalSeconds));
            while (pending.Count < due)
            {
                pending.Add(SendAsync());
            }

            if (Volatile.Read(ref running) > MostAtOnce)
            {
                throw new MeasurementException($"{target.Mode.Name} does not bear {settings.Rate} requests a second here; choose a lower --rate.");
            }

            await Task.Delay(1, cancellationToken);
        }

        await Task.WhenAll(pending);
        meter.Stop();
        return Outcome.Of(times.Count, [.. times], failures);

        async Task SendAsync()
        {
            var start = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref running);
            try
            {
                using var request = Shape.Create(target);
                using var response = await client.SendAsync(request, cancellationToken);
                response.EnsureSuccessStatusCode();
                times.Enqueue(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref failures);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }
    }
}
