using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.Testing;

/// <summary>Sends the hostile requests of one caller, one at a time, and notes what must not happen.</summary>
internal sealed class SweepWorker : IDisposable
{
    // What the proxy says of a request that it did not try to send.
    private static readonly string[] Refusals = ["invalid_upstream", "upstream_not_allowed", "no_upstream", "origin_not_allowed", "invalid_request", "request_too_large", "gateway_token"];

    // What it says for the app's own middleware (UseHeadroomErrors()).
    private static readonly string[] RefusalsOfApps = ["unauthorized", "forbidden", "rate_limited", "gateway_busy"];

    // What servers and middleware answer themselves: bad requests, unknown paths and methods, rate limits.
    private static readonly int[] StatusesOfApps = [400, 404, 405, 429, 501];

    // The same to callers who may less than others.
    private static readonly int[] StatusesOfClosedDoors = [302, 401, 403];

    private readonly ConnectionTrap _trap;
    private readonly HttpClient _client;
    private readonly string _base;
    private readonly UriCreationOptions _uris;
    private readonly HeadroomSecuritySweepOptions _options;
    private readonly HeadroomSweepCaller? _caller;
    private readonly string _who;
    private readonly List<HeadroomSecurityFinding> _findings = [];
    private readonly List<(string Request, int Status)> _others = [];
    private readonly Dictionary<RouteEndpoint, HttpStatusCode> _unreached = [];
    private string _endpoint = "";
    private bool _reached;
    private HttpStatusCode _last;

    /// <param name="gateway">Where the gateway is.</param>
    /// <param name="options">How to call it.</param>
    /// <param name="caller">Who calls it; <see langword="null"/> for somebody who does not authenticate.</param>
    /// <param name="inMemory">Whether there is no socket.</param>
    internal SweepWorker(Uri gateway, HeadroomSecuritySweepOptions options, HeadroomSweepCaller? caller, bool inMemory)
    {
        _trap = new ConnectionTrap(options.ListenOn, answers: caller is { MayReachListener: true });
        _base = gateway.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _options = options;
        _caller = caller;
        _who = options.Callers.Count == 0 ? "" : $"as {caller?.Name ?? "nobody"}: ";
        // Over a socket the path arrives as it is written here; TestServer can't read such a Uri.
        _uris = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = !inMemory };
        _client = new HttpClient(options.CreateHandler?.Invoke() ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        });
    }

    internal IPEndPoint Listener => _trap.EndPoint;

    internal int Requests { get; private set; }

    internal IReadOnlyList<HeadroomSecurityFinding> Findings => _findings;

    /// <summary>The endpoints where no request came to the proxy, each with the last status that was answered.</summary>
    internal IReadOnlyDictionary<RouteEndpoint, HttpStatusCode> Unreached => _unreached;

    /// <summary>Whether any request arrived at the listener.</summary>
    internal bool HasArrived { get; private set; }

    private bool MayReachListener => _caller is { MayReachListener: true };

    internal void Begin(RouteEndpoint endpoint)
    {
        _endpoint = endpoint.RoutePattern.RawText ?? "";
        _reached = false;
        _others.Clear();
    }

    internal void End(RouteEndpoint endpoint)
    {
        if (!_reached)
        {
            _unreached[endpoint] = _last;
            return;
        }

        // The gateway let others of these requests in, and the proxy refuses every one that it gets. So a provider may have answered this one.
        foreach (var (request, status) in _others.Where(other => !MayBeOfTheApp(other.Status)))
        {
            Find(request, $"was answered {status}, and not by the proxy, as the others were: its override may have been ignored");
        }
    }

    internal async Task SendAsync(
        string method, string path, string header, HostilePayload payload, Func<HttpContent>? content, CancellationToken cancellationToken, bool webSocket = false)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_base + path, _uris));
        request.Headers.TryAddWithoutValidation(header, payload.Value);
        request.Headers.TryAddWithoutValidation("x-headroom-sweep", "sweep");
        request.Content = content?.Invoke();
        if (webSocket)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }

        _options.ConfigureRequest?.Invoke(request);
        var before = request.Headers.NonValidated.Select(one => one.Key).ToArray();
        _caller?.Authenticate(request);
        string[] own = [.. request.Headers.NonValidated.Select(one => one.Key).Except(before, StringComparer.OrdinalIgnoreCase)];
        Requests++;
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        _last = response.StatusCode;
        var slug = response.Headers.TryGetValues(HeadroomHeaders.Error, out var slugs) ? string.Join(", ", slugs) : null;
        var what = $"{method} {path} with {(webSocket ? "a WebSocket upgrade and " : "")}{request.Content?.GetType().Name ?? "no body"}, {header}: {payload.Value}";
        var isConnected = _trap.Take() > 0;
        foreach (var arrival in _trap.TakeArrivals())
        {
            HasArrived = true;
            foreach (var leak in arrival.FindLeaks(request.Headers, own, _options.Secrets))
            {
                Find(what, leak);
            }
        }

        // What is well-formed may go to the listener if its sender may.
        if (MayReachListener && !payload.IsMalformed)
        {
            _reached |= isConnected || IsRefusal(slug);
            return;
        }

        _reached |= slug is not null && Array.IndexOf(RefusalsOfApps, slug) < 0;
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            Find(what, $"was answered {(int)response.StatusCode}");
        }
        else if (slug is null || Array.IndexOf(RefusalsOfApps, slug) >= 0)
        {
            _others.Add((what, (int)response.StatusCode));
        }
        else if (!IsRefusal(slug))
        {
            Find(what, $"was not refused but tried, and failed as {slug}");
        }

        if (isConnected)
        {
            Find(what, "the listener was connected to; either the allow-list opens it (http://127.0.0.1:*), then let the sweep listen elsewhere (ListenOn), or the gateway can be turned against its own network");
        }
    }

    /// <summary>Counts connections that came too late to be attributed to a request.</summary>
    internal async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (await _trap.SettleAsync(cancellationToken).ConfigureAwait(false) > 0 && !MayReachListener)
        {
            Find("a request to this endpoint or one before it", "the listener was connected to");
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _trap.Dispose();
    }

    private static bool IsRefusal(string? slug) => Array.IndexOf(Refusals, slug) >= 0;

    private bool MayBeOfTheApp(int status) =>
        Array.IndexOf(StatusesOfApps, status) >= 0
        || (_options.Callers.Count > 0 && !MayReachListener && Array.IndexOf(StatusesOfClosedDoors, status) >= 0);

    private void Find(string request, string outcome) => _findings.Add(new HeadroomSecurityFinding(_endpoint, _who + request, outcome));
}
