namespace Headroom.Routing.Wire;

/// <summary>Runs the whole measurement or, started by itself as another process, one of the apps that take part.</summary>
internal static class Program
{
    internal static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["upstream", var port]:
                await Upstream.RunAsync(int.Parse(port, null));
                return 0;

            case ["proxy", var mode, .. var rest]:
                await ProxyApps.Build(mode, rest).RunAsync();
                return 0;

            case ["--help" or "-h"]:
                Console.WriteLine(Settings.Usage);
                return 0;

            default:
                return await MeasureAsync(args);
        }
    }

    private static async Task<int> MeasureAsync(string[] args)
    {
        if (!Settings.TryParse(args, out var settings, out var message))
        {
            Console.Error.WriteLine(message);
            return 2;
        }

        using var stop = new StopSignal();
        try
        {
            await using var session = await Session.StartAsync(settings, stop.Token);
            await session.RunAsync();
            return 0;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return 130;
        }
        catch (MeasurementException exception)
        {
            Console.Error.WriteLine($"error: {exception.Message}");
            return 1;
        }
    }
}
