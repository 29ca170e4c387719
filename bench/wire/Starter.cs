using System.Globalization;

namespace Headroom.Routing.Wire;

/// <summary>Starts the upstream and the proxies in front of it. What they need on disk is in one folder, which goes with them.</summary>
internal sealed class Starter : IDisposable
{
    private const int ProxyCore = 0;

    private static readonly string Self = typeof(Starter).Assembly.Location;

    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-wire-").FullName;
    private readonly int _upstreamPort = MeasuredProcess.FreePort();
    private int _started;

    private string Upstream => $"http://127.0.0.1:{_upstreamPort}";

    // As clients write it: with the version that their paths start with too.
    private string Override => Upstream + "/v1";

    internal Task<MeasuredProcess> StartUpstreamAsync(CancellationToken cancellationToken) => MeasuredProcess.StartAsync(
        ["dotnet", Self, "upstream", Text(_upstreamPort)], core: null, _upstreamPort, socket: null, Path.Combine(_folder, "upstream.log"), cancellationToken);

    internal async Task<Target> StartAsync(Mode mode, int number, CancellationToken cancellationToken)
    {
        if (mode == Mode.Direct)
        {
            return new Target(mode, number, new Uri(Upstream), Override, null);
        }

        var port = MeasuredProcess.FreePort();
        var name = Path.Combine(_folder, $"{mode.Name}-{++_started}");
        var process = await MeasuredProcess.StartAsync(
            Command(mode, port), ProxyCore, port, mode.IsDotNet ? name + ".sock" : null, name + ".log", cancellationToken);
        return new Target(mode, number, new Uri($"http://127.0.0.1:{port}"), Override, process);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string[] Command(Mode mode, int port)
    {
        string[] allowed = ["--Headroom:AllowedUpstreams:0", Upstream];
        if (mode == Mode.Nginx)
        {
            return ["nginx", "-p", _folder, "-e", Path.Combine(_folder, "nginx.log"), "-c", WriteNginxSettings(port)];
        }

        return mode == Mode.HostApp
            ? ["dotnet", Path.Combine(HostAppFolder(), "HostApp.dll"), "--urls", $"http://127.0.0.1:{port}", .. allowed]
            : ["dotnet", Self, "proxy", mode.Name, "--port", Text(port), "--upstream", Upstream, "--content-root", HostAppFolder(), .. allowed];
    }

    private string WriteNginxSettings(int port)
    {
        var settings = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "nginx.conf"))
            .Replace("{folder}", _folder, StringComparison.Ordinal)
            .Replace("{port}", Text(port), StringComparison.Ordinal)
            .Replace("{upstream}", $"127.0.0.1:{_upstreamPort}", StringComparison.Ordinal);
        var path = Path.Combine(_folder, "nginx.conf");
        File.WriteAllText(path, settings);
        return path;
    }

    // Built together with this one: .../bench/wire/bin/Release/net10.0 beside .../samples/HostApp/bin/Release/net10.0.
    private static string HostAppFolder()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = framework.Parent!;
        return Path.GetFullPath(Path.Combine(
            configuration.FullName, "../../../../samples/HostApp/bin", configuration.Name, framework.Name));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
