using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Headroom.Routing.AspNetCore;

/// <summary>How the proxy routes and forwards. Bound from the configuration section <c>Headroom</c>; changes take effect while the app runs, if they are valid.</summary>
public sealed class HeadroomProxyOptions : HeadroomOptions
{
    /// <summary>Whether a path that no provider owns is forwarded too if the request has an override or a provider's credentials. On by default. Read at start.</summary>
    public bool CatchAll { get; set; } = true;

    /// <summary>
    /// Groups of callers, by names of the operator's choice, and what each may reach. Without any, all callers may reach what the app allows; with one, callers
    /// that are in no group may reach nothing.
    /// </summary>
    public IDictionary<string, CallerOptions> Callers { get; } = new Dictionary<string, CallerOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The origins of web pages that may call the proxy besides its own, loopback ones and those of desktop applications, such as
    /// <c>https://chat.example.com</c>; <c>*</c> for all.
    /// </summary>
    /// <remarks>
    /// Where the app's CORS policy covers the proxy's endpoints (<c>UseCors()</c> after routing), that policy decides instead of loopback and applications'
    /// origins, and the origins that it allows need not be listed here. It does not decide about links and forms, nor does a policy for any origin
    /// decide about WebSockets: what these may do is said here alone.
    /// </remarks>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// Names of request headers that are not forwarded; a <c>*</c> at the end stands for any rest. <see langword="null"/>:
    /// cookies, forwarding headers and the identity headers of front doors. Control and hop-by-hop headers never are.
    /// </summary>
    /// <remarks>
    /// A list replaces these defaults, an empty one strips none of them. To keep the defaults and strip more, leave it
    /// <see langword="null"/> and use <see cref="AlsoStripRequestHeaders"/>.
    /// </remarks>
    public IList<string>? StripRequestHeaders { get; set; }

    /// <summary>
    /// Names of request headers that are not forwarded either, besides those of <see cref="StripRequestHeaders"/> or, if that is
    /// <see langword="null"/>, the defaults; a <c>*</c> at the end stands for any rest.
    /// </summary>
    public IList<string> AlsoStripRequestHeaders { get; } = [];

    /// <summary>
    /// Names of response headers that are not forwarded; a <c>*</c> at the end stands for any rest. <see langword="null"/>:
    /// those that would act on the gateway's own origin in a browser.
    /// </summary>
    /// <remarks>
    /// A list replaces these defaults, an empty one strips none of them. To keep the defaults and strip more, leave it
    /// <see langword="null"/> and use <see cref="AlsoStripResponseHeaders"/>.
    /// </remarks>
    public IList<string>? StripResponseHeaders { get; set; }

    /// <summary>
    /// Names of response headers that are not forwarded either, besides those of <see cref="StripResponseHeaders"/> or, if that is
    /// <see langword="null"/>, the defaults; a <c>*</c> at the end stands for any rest.
    /// </summary>
    public IList<string> AlsoStripResponseHeaders { get; } = [];

    /// <summary>
    /// The tokens that callers authenticate by where the app has the scheme of <c>AddHeadroomTokens()</c>, each under the name of its holder. In a list, the
    /// place is the name. A token never leaves the gateway.
    /// </summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    public IDictionary<string, string> Tokens { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long resolving a name and connecting to it may take. 10 seconds by default. Read at start.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an idle connection to an upstream is kept. It is closed up to a quarter of that time later, or a second if that is more. Choose less than the
    /// time after which the upstream itself closes idle connections, because a request that arrives at that moment fails. <see langword="null"/>, the
    /// default, is half a second over http, where a new connection costs little and many servers close idle ones after 2 or 5 seconds, and 60 seconds over
    /// https. Read at start.
    /// </summary>
    public TimeSpan? IdleConnectionTimeout { get; set; }

    /// <summary>How long a request may go without a byte in either direction. 30 minutes by default, because a model may think for many minutes. There is no total time limit.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Whether each answer tells the origin of its upstream and what chose it, in <see cref="HeadroomHeaders.UpstreamUsed"/>. Off by default, because callers then
    /// learn where named upstreams and base addresses lead.
    /// </summary>
    public bool RevealUpstream { get; set; }

    /// <summary>
    /// Whether requests to the operator's own upstreams (<see cref="UpstreamTrust.Operator"/>) carry the app's trace context (<c>traceparent</c>,
    /// <c>tracestate</c>; W3C Trace Context) in place of the caller's. Baggage is never sent. Off by default.
    /// </summary>
    public bool PropagateTraceContext { get; set; }
}
