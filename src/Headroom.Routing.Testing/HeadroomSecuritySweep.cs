using System.Net;
using System.Text;
using Headroom.Routing.AspNetCore;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.Testing;

/// <summary>
/// Attacks a running gateway from one of its own tests: every endpoint of <c>MapHeadroomRoutes()</c> is asked to forward to a listener of the sweep's
/// own, by every method, as a WebSocket and with a multipart body. The listener must never be connected to, and no request may succeed, unless its sender is one
/// of the <see cref="HeadroomSecuritySweepOptions.Callers"/> who may reach it. Of the app's own YARP routes, it looks at what they would forward.
/// </summary>
/// <remarks>
/// Every request names a hostile upstream, so none of them is for a provider. The routes are read from the running app, so a route that is added later is
/// swept too. Preflights are left out, because the app's CORS policy may answer them.
/// </remarks>
public static class HeadroomSecuritySweep
{
    private const int Workers = 4;
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SWEEP"];

    /// <summary>Runs the sweep.</summary>
    /// <param name="services">The running app's services.</param>
    /// <param name="gateway">The HTTP/1.1 address that the gateway listens on, or the <c>BaseAddress</c> of its <c>TestServer</c>. Its path is put in front of every route, for a gateway below a <c>PathBase</c>.</param>
    /// <param name="options">How to call it.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>The findings. An endpoint that the sweep could not reach is a finding too, because it would otherwise prove nothing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="gateway"/> is null.</exception>
    /// <exception cref="InvalidOperationException">
    /// The app maps no route of the proxy, or it listens on no socket and <see cref="HeadroomSecuritySweepOptions.CreateHandler"/> is not set.
    /// </exception>
    public static async Task<HeadroomSecurityReport> RunAsync(
        IServiceProvider services, Uri gateway, HeadroomSecuritySweepOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(gateway);

        options ??= new HeadroomSecuritySweepOptions();
        var all = services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        RouteEndpoint[] endpoints = [.. all.Where(endpoint => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null)];
        if (endpoints.Length == 0)
        {
            throw new InvalidOperationException("The app maps no route of the proxy's: call app.MapHeadroomRoutes(), and start the app before the sweep.");
        }

        // A server that has no address works in memory. A TestServer does with one too: it may get the addresses of the configuration, but listens on none.
        var inMemory = services.GetService<IServer>() is { } server
            && (server.GetType().Name == "TestServer" || server.Features.Get<IServerAddressesFeature>() is not { Addresses.Count: > 0 });
        if (inMemory && options.CreateHandler is null)
        {
            throw new InvalidOperationException(
                "The app listens on no socket. Set HeadroomSecuritySweepOptions.CreateHandler to its TestServer's CreateHandler, or start it on Kestrel, where WebSockets are tried as well.");
        }

        var requests = 0;
        List<HeadroomSecurityFinding> findings = [];
        var unreached = endpoints.ToDictionary(endpoint => endpoint, _ => default(HttpStatusCode));
        foreach (var caller in (HeadroomSweepCaller?[])[null, .. options.Callers])
        {
            var workers = await SweepAsAsync(caller, gateway, endpoints, options, inMemory, cancellationToken).ConfigureAwait(false);
            requests += workers.Sum(worker => worker.Requests);
            findings.AddRange(workers.SelectMany(worker => worker.Findings));
            unreached = workers.SelectMany(worker => worker.Unreached).Where(pair => unreached.ContainsKey(pair.Key)).ToDictionary();
            if (caller is { MayReachListener: true } && !workers.Any(worker => worker.HasArrived))
            {
                findings.Add(new("all endpoints", $"as {caller.Name}: all requests", "none arrived at the listener, which this caller may reach: open it in the allow-list (http://127.0.0.1:*), or leave MayReachListener out"));
            }
        }

        findings.AddRange(unreached.Select(pair => new HeadroomSecurityFinding(
            pair.Key.RoutePattern.RawText ?? "", "all requests",
            $"none reached the proxy, the last was answered {(int)pair.Value}: give what the gateway asks for in Callers, ConfigureRequest or RouteValues")));
        findings.AddRange(await OwnRouteSweep.RunAsync(services, all, options, cancellationToken).ConfigureAwait(false));
        return new HeadroomSecurityReport([.. endpoints.Select(endpoint => endpoint.RoutePattern.RawText ?? "")], requests, findings, !inMemory);
    }

    // Each worker has its own listener and sends one request at a time, so a connection can be attributed to a request.
    private static Task<SweepWorker[]> SweepAsAsync(
        HeadroomSweepCaller? caller, Uri gateway, RouteEndpoint[] endpoints, HeadroomSecuritySweepOptions options, bool inMemory, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(first => Task.Run(
            async () =>
            {
                using var worker = new SweepWorker(gateway, options, caller, inMemory);
                for (var i = first; i < endpoints.Length; i += Workers)
                {
                    await SweepAsync(worker, endpoints[i], i, options, !inMemory, cancellationToken).ConfigureAwait(false);
                }

                await worker.CloseAsync(cancellationToken).ConfigureAwait(false);
                return worker;
            },
            cancellationToken)));

    private static async Task SweepAsync(
        SweepWorker worker, RouteEndpoint endpoint, int seed, HeadroomSecuritySweepOptions options, bool webSockets, CancellationToken cancellationToken)
    {
        var payloads = HostilePayloads.AimedAt(worker.Listener, options.AllowedHost);
        var plain = payloads[0];
        var path = RouteSample.Path(endpoint.RoutePattern, GivenValue);
        var injected = RouteSample.Path(endpoint.RoutePattern, name => GivenValue(name) ?? Uri.EscapeDataString(plain.Value));
        worker.Begin(endpoint);

        // The plain address by every method and way; the disguises take turns, so that each meets many endpoints.
        var turn = seed * 7;
        foreach (var method in Methods)
        {
            foreach (var payload in (HostilePayload[])[plain, payloads[turn++ % payloads.Count], payloads[turn++ % payloads.Count]])
            {
                await worker.SendAsync(method, path, HeadroomHeaders.Upstream, payload, null, cancellationToken).ConfigureAwait(false);
                await worker.SendAsync(method, path, HeadroomHeaders.BaseUrl, payload, null, cancellationToken).ConfigureAwait(false);
            }

            await worker.SendAsync(method, injected, HeadroomHeaders.Upstream, plain, null, cancellationToken).ConfigureAwait(false);
            if (method is not ("GET" or "HEAD" or "TRACE"))
            {
                await worker.SendAsync(method, path, HeadroomHeaders.Upstream, plain, Json, cancellationToken).ConfigureAwait(false);
                await worker.SendAsync(method, path, HeadroomHeaders.Upstream, plain, Multipart, cancellationToken).ConfigureAwait(false);
            }
        }

        if (webSockets)
        {
            await worker.SendAsync("GET", path, HeadroomHeaders.Upstream, plain, null, cancellationToken, webSocket: true).ConfigureAwait(false);
            await worker.SendAsync("GET", path, HeadroomHeaders.BaseUrl, plain, null, cancellationToken, webSocket: true).ConfigureAwait(false);
        }

        worker.End(endpoint);

        string? GivenValue(string name) => options.RouteValues.TryGetValue(name, out var value) ? value : null;
    }

    private static StringContent Json() => new("""{"model":"sweep","base_url":"http://127.0.0.1"}""", Encoding.UTF8, "application/json");

    private static MultipartFormDataContent Multipart() => new() { { new StringContent("assistants"), "purpose" }, { new ByteArrayContent([1, 2, 3]), "file", "sweep.bin" } };
}
