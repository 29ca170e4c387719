using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.Testing;

/// <summary>Sends hostile requests one at a time and notes what must not happen.</summary>
internal sealed class SweepWorker : IDisposable
{
    // What the proxy says of a request that it did not try to send.
    private static readonly string[] Refusals = ["invalid_upstream", "upstream_not_allowed", "no_upstream", "origin_not_allowed", "invalid_request", "request_too_large"];

    // What servers and middleware answer themselves: bad requests, unknown paths and methods, rate limits.
    private static readonly int[] StatusesOfApps = [400, 404, 405, 429, 501];

    private readonly ConnectionTrap _trap;
    private readonly HttpClient _client;
    private readonly string _base;
    private readonly UriCreationOptions _uris;
    private readonly Action<HttpRequestMessage>? _configure;
    private readonly List<HeadroomSecurityFinding> _findings = [];
    private readonly List<(string Request, int Status)> _others = [];
    private string _endpoint = "";
    private bool _reached;
    private HttpStatusCode _last;

    internal SweepWorker(Uri gateway, HeadroomSecuritySweepOptions options, bool inMemory)
    {
        _trap = new ConnectionTrap(options.ListenOn);
        _base = gateway.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _configure = options.ConfigureRequest;
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

    internal void Begin(RouteEndpoint endpoint)
    {
        _endpoint = endpoint.RoutePattern.RawText ?? "";
        _reached = false;
        _others.Clear();
    }

    internal void End()
    {
        if (!_reached)
        {
            Find("all requests", $"none reached the proxy, the last was answered {(int)_last}: give what the gateway asks for in ConfigureRequest or RouteValues");
            return;
        }

        // The gateway let others of these requests in, and the proxy refuses every one that it gets. So a provider may have answered this one.
        foreach (var (request, status) in _others.Where(other => Array.IndexOf(StatusesOfApps, other.Status) < 0))
        {
            Find(request, $"was answered {status}, and not by the proxy, as the others were: its override may have been ignored");
        }
    }

    internal async Task SendAsync(
        string method, string path, string header, string value, Func<HttpContent>? content, CancellationToken cancellationToken, bool webSocket = false)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_base + path, _uris));
        request.Headers.TryAddWithoutValidation(header, value);
        request.Content = content?.Invoke();
        if (webSocket)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }

        _configure?.Invoke(request);
        Requests++;
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        _last = response.StatusCode;
        var refused = response.Headers.TryGetValues(HeadroomHeaders.Error, out var slugs);
        _reached |= refused;
        var what = $"{method} {path} with {(webSocket ? "a WebSocket upgrade and " : "")}{request.Content?.GetType().Name ?? "no body"}, {header}: {value}";
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            Find(what, $"was answered {(int)response.StatusCode}");
        }
        else if (refused && slugs!.Any(slug => Array.IndexOf(Refusals, slug) < 0))
        {
            Find(what, $"was not refused but tried, and failed as {string.Join(", ", slugs!)}");
        }
        else if (!refused)
        {
            _others.Add((what, (int)response.StatusCode));
        }

        if (_trap.Take() > 0)
        {
            Find(what, "the listener was connected to; either the allow-list opens it (http://127.0.0.1:*), then let the sweep listen elsewhere (ListenOn), or the gateway can be turned against its own network");
        }
    }

    /// <summary>Counts connections that came too late to be attributed to a request.</summary>
    internal async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (await _trap.SettleAsync(cancellationToken).ConfigureAwait(false) > 0)
        {
            Find("a request to this endpoint or one before it", "the listener was connected to");
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _trap.Dispose();
    }

    private void Find(string request, string outcome) => _findings.Add(new HeadroomSecurityFinding(_endpoint, request, outcome));
}
