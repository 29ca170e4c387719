namespace Headroom.Routing.Wire;

/// <summary>The whole measurement: upstream and proxies run from its start to its end.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly Settings _settings;
    private readonly CancellationToken _stop;
    private readonly Starter _starter = new();
    private readonly List<MeasuredProcess> _processes = [];
    private readonly List<Target> _targets = [];
    private readonly List<Sample> _samples = [];

    private Session(Settings settings, CancellationToken stop)
    {
        _settings = settings;
        _stop = stop;
    }

    internal static async Task<Session> StartAsync(Settings settings, CancellationToken stop)
    {
        var session = new Session(settings, stop);
        try
        {
            session._processes.Add(await session._starter.StartUpstreamAsync(stop));
            for (var number = 1; number <= settings.Processes; number++)
            {
                foreach (var mode in settings.Modes)
                {
                    session._targets.Add(await session.StartAsync(mode, number));
                }
            }

            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    internal async Task RunAsync()
    {
        await VerifyAsync();
        foreach (var target in _targets)
        {
            Say($"warming {target.Mode.Name}, {target.Number} of {_settings.Processes}");
            foreach (var load in _settings.Loads.Where(load => !load.NeedsFreshProcess))
            {
                await WarmAsync(target, load);
            }
        }

        for (var round = 1; round <= _settings.Rounds; round++)
        {
            foreach (var load in _settings.Loads)
            {
                Say($"round {round} of {_settings.Rounds}: {load.Name}");

                // Forward and backward in turn, and each time from another target on: none always comes after the same neighbor.
                var order = _targets.Skip(round / 2 % _targets.Count).Concat(_targets.Take(round / 2 % _targets.Count));
                foreach (var target in round % 2 == 1 ? order : order.Reverse())
                {
                    // Where each run has a process of its own, the rounds give as many as are wanted.
                    if (target.Number == 1 || !load.NeedsFreshProcess)
                    {
                        _samples.Add(await MeasureAsync(target, load, round, _settings.Duration));
                    }
                }
            }
        }

        if (_settings.SamplesFile is { } file)
        {
            await File.WriteAllLinesAsync(file, Report.Lines(_samples), _stop);
        }

        Console.WriteLine(Report.Markdown(_samples, _settings));
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Dispose();
        }

        _starter.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task VerifyAsync()
    {
        var direct = await _starter.StartAsync(Mode.Direct, 1, _stop);
        foreach (var load in _settings.Loads)
        {
            foreach (var target in _targets)
            {
                await load.VerifyAsync(target, direct, _stop);
            }
        }
    }

    private async Task WarmAsync(Target target, Load load)
    {
        try
        {
            await MeasureAsync(target, load, 0, _settings.Warm / _settings.Loads.Count);
        }
        catch (MeasurementException exception)
        {
            // A process that is still cold may fall behind a fixed rate.
            Say(exception.Message);
        }
    }

    private async Task<Sample> MeasureAsync(Target target, Load load, int round, TimeSpan duration)
    {
        if (!load.NeedsFreshProcess)
        {
            return await MeasureHereAsync(target, load, round, duration);
        }

        var fresh = await StartAsync(target.Mode, target.Number);
        try
        {
            return await MeasureHereAsync(fresh, load, round, duration);
        }
        finally
        {
            if (fresh.Process is { } process)
            {
                process.Dispose();
                _processes.Remove(process);
            }
        }
    }

    private async Task<Sample> MeasureHereAsync(Target target, Load load, int round, TimeSpan duration)
    {
        var meter = new Meter(target.Process);
        var outcome = await load.RunAsync(target, _settings, duration, meter, _stop);
        if (outcome.Failures > 0)
        {
            throw new MeasurementException($"{target.Mode.Name} failed {outcome.Failures} times in {load.Name}.");
        }

        return new Sample(target.Mode, load, target.Number, round, outcome, meter.Elapsed, meter.Usage);
    }

    private async Task<Target> StartAsync(Mode mode, int number)
    {
        var target = await _starter.StartAsync(mode, number, _stop);
        if (target.Process is { } process)
        {
            _processes.Add(process);
        }

        return target;
    }

    private static void Say(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");
}
