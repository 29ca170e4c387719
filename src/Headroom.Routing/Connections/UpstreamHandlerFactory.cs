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
    /// Servers without TLS are usually near, so a new connection costs little. They close idle ones early: node and uvicorn (vLLM) after 5 s, gunicorn after
    /// 2 s, and a request that arrives at that moment is lost. The handler looks for idle connections at most once a second.
    /// </summary>
    public static readonly TimeSpan DefaultIdleCleartextTimeout = TimeSpan.FromSeconds(0.5);

    /// <summary>Creates a handler whose connections all obey the rule of <paramref name="trust"/>.</summary>
    /// <remarks>
    /// Redirects (which carry keys and bodies to hosts that nobody judged), the proxy of <see cref="UpstreamTrust.Public"/> and the connect callback must not
    /// be loosened; see <see cref="IsGuarded"/>. Cookies, decompression and trace headers would change what the two ends say to each other.
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

        // Servers decode headers as UTF-8, and a name in a metadata header need not be ASCII.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    };

    /// <summary>Applies what the app's tuning must not undo to a handler that <see cref="IsGuarded"/>.</summary>
    public static void Settle(HttpMessageHandler handler)
    {
        if (handler is SocketsHttpHandler sockets)
        {
            CertificateRules.Apply(sockets.SslOptions);
        }
    }

    /// <summary>Whether a handler was made by <see cref="Create"/> for an address rule and still has its guard.</summary>
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
