using System.Diagnostics;

namespace Headroom.Routing.Wire;

/// <summary>Large bodies, one after the other, over one connection.</summary>
internal sealed record TransferLoad(string Name, string Title, RequestShape Shape) : Load(Name, Title, "MB")
{
    internal override async Task<Outcome> RunAsync(Target target, Settings settings, TimeSpan duration, Meter meter, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var buffer = new byte[64 * 1024];
        var times = new List<double>();

        meter.Start();
        while (times.Count == 0 || meter.Elapsed < duration)
        {
            var start = Stopwatch.GetTimestamp();
            await TransferAsync(client, target, buffer, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        meter.Stop();
        return Outcome.Of(times.Count * (double)TransferMegabytes, [.. times], 0);
    }

    private async Task TransferAsync(HttpClient client, Target target, byte[] buffer, CancellationToken cancellationToken)
    {
        using var request = Shape.Create(target);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new MeasurementException($"{target.Mode.Name} answers {Name} with {(int)response.StatusCode}.");
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (await body.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }
}
