using System.Diagnostics;
using System.Globalization;

namespace Headroom.Routing.Wire;

/// <summary>wrk: as many requests as are answered, over a fixed number of connections.</summary>
internal sealed record WrkLoad(string Name, string Title, string Unit, RequestShape Shape, int UnitsPerRequest) : Load(Name, Title, Unit)
{
    internal override async Task<Outcome> RunAsync(Target target, Settings settings, TimeSpan duration, Meter meter, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        var seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        string[] args =
        [
            "-t1", $"-c{settings.Connections}", $"-d{seconds}s", "--timeout", "10s", "-s", Path.Combine(AppContext.BaseDirectory, "load.lua"),
            new Uri(target.Address, Shape.PathAndQuery).AbsoluteUri, "--", Shape.Method, Shape.BodyLength.ToString(CultureInfo.InvariantCulture), target.Override,
        ];
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        meter.Start();
        using var wrk = Process.Start(start)!;
        string output;
        try
        {
            output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
            await wrk.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            wrk.Kill();
            throw;
        }

        meter.Stop();
        return Read(output);
    }

    internal override async Task VerifyAsync(Target target, Target direct, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var expected = await FetchAsync(client, direct, cancellationToken);
        var actual = await FetchAsync(client, target, cancellationToken);
        if (!actual.AsSpan().SequenceEqual(expected))
        {
            throw new MeasurementException($"{target.Mode.Name} answers {Name} otherwise than the upstream ({actual.Length} bytes for {expected.Length}).");
        }
    }

    private async Task<byte[]> FetchAsync(HttpClient client, Target target, CancellationToken cancellationToken)
    {
        using var request = Shape.Create(target);
        using var response = await client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? body
            : throw new MeasurementException($"{target.Mode.Name} answers {Name} with {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
    }

    // The line that load.lua prints.
    private Outcome Read(string output)
    {
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith("figures ", StringComparison.Ordinal))
            ?? throw new MeasurementException($"wrk printed no figures: {output}");
        var figures = line.Split(' ').Skip(1).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new Outcome(figures[0] * UnitsPerRequest, figures[2] / 1000, figures[3] / 1000, (long)figures[4]);
    }
}
