namespace Headroom.Routing.Wire;

/// <summary>One of the ways from the client to the upstream.</summary>
/// <param name="Name">What <c>--modes</c> takes.</param>
/// <param name="Title">What the tables say.</param>
internal sealed record Mode(string Name, string Title)
{
    internal static readonly Mode Direct = new("direct", "direct");
    internal static readonly Mode Nginx = new("nginx", "nginx");
    internal static readonly Mode Forwarder = new("forwarder", "`MapForwarder`, bare app");
    internal static readonly Mode ForwarderHost = new("forwarder-host", "`MapForwarder`, app like HostApp");
    internal static readonly Mode Yarp = new("yarp", "YARP with routes, bare app");
    internal static readonly Mode Headroom = new("headroom", "Headroom, bare app");
    internal static readonly Mode HostApp = new("hostapp", "Headroom, HostApp as it ships");

    /// <summary>The same with OpenTelemetry reading all of the library's metrics.</summary>
    internal static readonly Mode HeadroomMetrics = new("headroom-metrics", "Headroom, bare app, metrics");

    /// <summary>The same with a line for each request on the console.</summary>
    internal static readonly Mode HeadroomLog = new("headroom-log", "Headroom, bare app, request log");

    internal static IReadOnlyList<Mode> All { get; } = [Direct, Nginx, Forwarder, ForwarderHost, Yarp, Headroom, HeadroomMetrics, HeadroomLog, HostApp];

    /// <summary><c>MapForwarder</c> in the same kind of app: what the mode's ratios are to.</summary>
    internal Mode Base => this == ForwarderHost || this == HostApp ? ForwarderHost : Forwarder;

    /// <summary>Whether the library forwards.</summary>
    internal bool IsHeadroom => this == Headroom || this == HeadroomMetrics || this == HeadroomLog || this == HostApp;

    internal bool IsDotNet => this != Direct && this != Nginx;
}
