using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Headroom.Routing.Wire;

/// <summary>
/// Many streams that are open at once, each with an event now and then, as chats are: what a stream costs in memory and CPU, and how late its events come.
/// All proxies have the same to do here, an event at a time; of events that come in a rush, the slower proxy reads more at once.
/// </summary>
/// <param name="Count">How many streams; <see langword="null"/> for as many as the command line says.</param>
/// <param name="EventsPerSecond">Of all streams together.</param>
internal sealed record StreamsLoad(string Name, int? Count, int EventsPerSecond) : Load(Name, "Streams", "event")
{
    private const int OpenedAtOnce = 20;

    // Memory is what the number on the command line is for.
    internal override bool NeedsFreshProcess => Count is null;

    internal override string TitleFor(Settings settings) => $"{CountFor(settings):N0} streams, {EventsPerSecond:N0} events a second in all";

    internal int CountFor(Settings settings) => Count ?? settings.Streams;

    internal override async Task<Outcome> RunAsync(Target target, Settings settings, TimeSpan duration, Meter meter, CancellationToken cancellationToken)
    {
        // The process may be new: a few streams load the code that many will run.
        await using (var first = new StreamSet(target, pause: 10))
        {
            await first.OpenAsync(OpenedAtOnce, cancellationToken);
            await Task.Delay(duration / 4, cancellationToken);
        }

        var before = target.Process?.ReadKilobytes("VmRSS");

        var count = CountFor(settings);
        await using var streams = new StreamSet(target, pause: Math.Max(1, count * 1000 / EventsPerSecond));
        for (var opened = 0; opened < count; opened += OpenedAtOnce)
        {
            await streams.OpenAsync(Math.Min(OpenedAtOnce, count - opened), cancellationToken);
            await Task.Delay(OpenedAtOnce, cancellationToken);
        }

        await Task.Delay(duration / 4, cancellationToken);
        streams.Forget();
        meter.Start();
        await Task.Delay(duration, cancellationToken);
        meter.Stop();
        var delays = streams.Delays;
        var after = target.Process?.ReadKilobytes("VmRSS");
        return Outcome.Of(delays.Length, delays, streams.Failures) with
        {
            KilobytesPerStream = (after - before) / (double)count,
        };
    }

    /// <summary>Streams that are open, and how late their events came.</summary>
    private sealed class StreamSet(Target target, int pause) : IAsyncDisposable
    {
        private readonly RequestShape _shape = new("POST", $"/v1/chat/completions?events=1000000&pause={pause}", 256);
        private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };
        private readonly CancellationTokenSource _end = new();
        private readonly List<Task> _readers = [];
        private ConcurrentQueue<double> _delays = new();
        private int _failures;

        /// <summary>In milliseconds, since they were last forgotten.</summary>
        internal double[] Delays => [.. _delays];

        internal int Failures => _failures;

        internal void Forget() => _delays = new ConcurrentQueue<double>();

        internal async Task OpenAsync(int count, CancellationToken cancellationToken)
        {
            var opening = Enumerable.Range(0, count).Select(_ => OpenAsync(cancellationToken)).ToArray();
            foreach (var response in await Task.WhenAll(opening))
            {
                _readers.Add(ReadAsync(response));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Task.WhenAll(_readers);
            _client.Dispose();
            _end.Dispose();
        }

        private async Task<HttpResponseMessage> OpenAsync(CancellationToken cancellationToken)
        {
            using var request = _shape.Create(target);
            var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode
                ? response
                : throw new MeasurementException($"{target.Mode.Name} answers a slow stream with {(int)response.StatusCode}.");
        }

        private async Task ReadAsync(HttpResponseMessage response)
        {
            try
            {
                using (response)
                using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_end.Token), bufferSize: 128))
                {
                    while (await reader.ReadLineAsync(_end.Token) is { } line)
                    {
                        if (line.StartsWith("data: ", StringComparison.Ordinal))
                        {
                            var sent = long.Parse(line.AsSpan(6), CultureInfo.InvariantCulture);
                            _delays.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                        }
                    }
                }

                // They have no end of their own.
                Interlocked.Increment(ref _failures);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException)
            {
                if (!_end.IsCancellationRequested)
                {
                    Interlocked.Increment(ref _failures);
                }
            }
        }
    }
}
