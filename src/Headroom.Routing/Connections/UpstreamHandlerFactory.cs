using System.Net;
using System.Text;

namespace Headroom.Routing.Connections;

/// <summary>The one place where handlers that reach upstreams are made.</summary>
internal static class UpstreamHandlerFactory
{
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Providers close unused connections after 15 s and used ones after some 400 s; a new one costs a TLS handshake.</summary>
    public static readonly TimeSpan DefaultIdleConnectionTimeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Servers without TLS are near, so a new connection costs little, and they close idle ones early: node and uvicorn (vLLM) after 5 s,
    /// gunicorn after 2 s. A request that meets such an end is lost. The handler looks for idle connections once a second at most.
    /// </summary>
    public static readonly TimeSpan DefaultIdleCleartextTimeout = TimeSpan.FromSeconds(0.5);

    /// <summary>Creates a handler whose connections all obey the rule of <paramref name="trust"/>.</summary>
    /// <remarks>
    /// Not to be loosened: redirects (they carry keys and bodies to hosts that nobody judged), the proxy of
    /// <see cref="UpstreamTrust.Public"/> and the connect callback (see <see cref="IsGuarded"/>). Cookies, decompression
    /// and trace headers would change what the two ends say to each other.
    /// </remarks>
    public static SocketsHttpHandler Create(
        UpstreamTrust trust, IHostResolver resolver, TimeSpan connectTimeout, TimeSpan? idleConnectionTimeout = null) => new()
    {
        ConnectCallback = new GuardedConnect(trust, resolver).ConnectAsync,
        ConnectTimeout = connectTimeout,
        PlaintextStreamFilter = static (context, _) =>
            new(context.NegotiatedHttpVersion.Major == 1 ? new Http1Stream(context.PlaintextStream) : context.PlaintextStream),
        UseProxy = trust == UpstreamTrust.Operator,
        Proxy = trust == UpstreamTrust.Operator ? EgressProxy.OfEnvironment : null,

        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,

        // Null leaves out the handler that makes HttpClient's activity. A propagator that writes nothing would keep it, and
        // OpenTelemetry writes trace context and baggage into the request as soon as that activity starts.
        ActivityHeadersPropagator = null,

        // A caller's hang-up reaches the upstream at once, not after the default of two seconds.
        ResponseDrainTimeout = TimeSpan.Zero,

        // Names must be resolved again now and then.
        PooledConnectionIdleTimeout = idleConnectionTimeout ?? DefaultIdleConnectionTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),

        // A burst of streams needs more than the hundred or so that one connection may carry. No HTTP/2 keep-alive
        // pings: servers answer too many of them with GOAWAY, and TCP keep-alive notices a dead peer as well.
        EnableMultipleHttp2Connections = true,

        MaxResponseHeadersLength = 64, // KB

        // As servers decode them: a name in a metadata header need not be ASCII.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    };

    /// <summary>Settles what the app's tuning must not undo, on a handler that <see cref="IsGuarded"/>.</summary>
    public static void Settle(HttpMessageHandler handler)
    {
        if (handler is SocketsHttpHandler sockets)
        {
            CertificateRules.Apply(sockets.SslOptions);
        }
    }

    /// <summary>Whether a handler is one of <see cref="Create"/> for this trust, and its guard still holds.</summary>
    public static bool IsGuarded(HttpMessageHandler handler, UpstreamTrust trust) =>
        handler is SocketsHttpHandler
        {
            ConnectCallback.Target: GuardedConnect guard,
            AllowAutoRedirect: false,
            UseCookies: false,
        } sockets
        && guard.Trust == trust
        && (trust == UpstreamTrust.Operator || !sockets.UseProxy);
}
