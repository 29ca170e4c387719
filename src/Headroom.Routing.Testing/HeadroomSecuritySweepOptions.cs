using System.Net;

namespace Headroom.Routing.Testing;

/// <summary>How <see cref="HeadroomSecuritySweep"/> calls a gateway.</summary>
public sealed class HeadroomSecuritySweepOptions
{
    /// <summary>
    /// The IPv4 address of this machine that the sweep listens on. If the allow-list opens <c>http://127.0.0.1:*</c> on purpose, choose one that it does not
    /// open, such as 127.0.0.2.
    /// </summary>
    public IPAddress ListenOn { get; set; } = IPAddress.Loopback;

    /// <summary>A host that callers may name, for the payloads that look like it.</summary>
    public string AllowedHost { get; set; } = "api.openai.com";

    /// <summary>Values for parameters of the gateway's own route patterns (<c>/teams/{team}</c>), by name; others are made up.</summary>
    public IDictionary<string, string> RouteValues { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Creates the handlers that the requests are sent through; <see langword="null"/> sends them over sockets. An app in a <c>TestServer</c> has no socket, so
    /// set this to <c>server.CreateHandler</c> (with <c>WebApplicationFactory</c>, <c>factory.Server.CreateHandler</c>). WebSockets can't be tried there; see
    /// <see cref="HeadroomSecurityReport.WebSocketsTried"/>. It is called once for each connection of the sweep, which disposes the handler.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHandler { get; set; }

    /// <summary>
    /// Who calls the gateway, if it tells its callers apart. The sweep is then run as somebody who does not authenticate and as each of these. Give one who may
    /// little, and one who may reach the sweep's listener (<see cref="HeadroomSweepCaller.MayReachListener"/>), so that it is also seen what leaves the gateway.
    /// </summary>
    public IList<HeadroomSweepCaller> Callers { get; } = [];

    /// <summary>
    /// Secrets of the operator, such as keys that the gateway adds to requests. The listener must not get them, because it is an upstream that a caller named by URL.
    /// </summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>Adds what the gateway itself asks of every caller. It is called for every request, before a caller authenticates.</summary>
    public Action<HttpRequestMessage>? ConfigureRequest { get; set; }
}
