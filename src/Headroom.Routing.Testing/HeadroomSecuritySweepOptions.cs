using System.Net;

namespace Headroom.Routing.Testing;

/// <summary>How <see cref="HeadroomSecuritySweep"/> calls a gateway.</summary>
public sealed class HeadroomSecuritySweepOptions
{
    /// <summary>
    /// The address of this machine that the sweep listens on, IPv4. Where the allow-list opens <c>http://127.0.0.1:*</c> on purpose, take
    /// another that it does not hold, such as 127.0.0.2.
    /// </summary>
    public IPAddress ListenOn { get; set; } = IPAddress.Loopback;

    /// <summary>A host that callers may name, for the payloads that pretend to it.</summary>
    public string AllowedHost { get; set; } = "api.openai.com";

    /// <summary>Values for parameters of the gateway's own route patterns (<c>/teams/{team}</c>), by name; others are made up.</summary>
    public IDictionary<string, string> RouteValues { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Creates what the requests are sent through; <see langword="null"/> sends them over sockets. An app in a <c>TestServer</c> has no socket:
    /// take <c>server.CreateHandler</c> (with <c>WebApplicationFactory</c>, <c>factory.Server.CreateHandler</c>). No WebSocket can be tried
    /// there, see <see cref="HeadroomSecurityReport.WebSocketsTried"/>. Called once for each connection of the sweep, which disposes the handler.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHandler { get; set; }

    /// <summary>Adds what the gateway itself asks for, such as its own token; called for every request.</summary>
    public Action<HttpRequestMessage>? ConfigureRequest { get; set; }
}
