using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Headroom.Routing.Testing;

/// <summary>
/// Asks the routes of the app's own YARP what they would send of a request with control headers. Each runs with its transforms and the app's forwarder; the
/// request that comes out is looked at and goes nowhere.
/// </summary>
internal static class OwnRouteSweep
{
    private static readonly string[] ControlHeaders = [HeadroomHeaders.Upstream, HeadroomHeaders.BaseUrl, "X-Headroom-Proxy-Token", "x-headroom-sweep"];

    internal static async Task<IReadOnlyList<HeadroomSecurityFinding>> RunAsync(
        IServiceProvider services, IEnumerable<RouteEndpoint> endpoints, HeadroomSecuritySweepOptions options, CancellationToken cancellationToken)
    {
        List<HeadroomSecurityFinding> findings = [];
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Metadata.GetMetadata<RouteModel>() is not { } route || services.GetService<IHttpForwarder>() is not { } forwarder)
            {
                continue;
            }

            await using var scope = services.CreateAsyncScope();
            using var capture = new Capture();
            using var client = new HttpMessageInvoker(capture);
            var context = CreateContext(scope.ServiceProvider, endpoint, options, cancellationToken);
            var error = await forwarder.SendAsync(context, "http://upstream.invalid/", client, ForwarderRequestConfig.Empty, route.Transformer, cancellationToken).ConfigureAwait(false);
            var outcome = capture.Headers is not { } names ? $"could not be tried: {error}, {context.Features.Get<IForwarderErrorFeature>()?.Exception?.GetType().Name}"
                : names.Length > 0 ? $"would be forwarded with {string.Join(", ", names)}; call AddHeadroomTransforms() on the app's AddReverseProxy()"
                : null;
            if (outcome is not null)
            {
                findings.Add(new HeadroomSecurityFinding(endpoint.RoutePattern.RawText ?? "", $"a request with {string.Join(", ", ControlHeaders)}", outcome));
            }
        }

        return findings;
    }

    private static DefaultHttpContext CreateContext(
        IServiceProvider services, RouteEndpoint endpoint, HeadroomSecuritySweepOptions options, CancellationToken cancellationToken)
    {
        var context = new DefaultHttpContext { RequestServices = services, RequestAborted = cancellationToken };
        context.SetEndpoint(endpoint);
        context.Request.Method = HttpMethods.Get;
        context.Request.Scheme = Uri.UriSchemeHttp;
        context.Request.Protocol = HttpProtocol.Http11;
        context.Request.Host = new HostString("gateway");
        context.Request.Path = RouteSample.Path(endpoint.RoutePattern, name => options.RouteValues.TryGetValue(name, out var value) ? value : null);
        foreach (var name in ControlHeaders)
        {
            context.Request.Headers[name] = "sweep";
        }

        return context;
    }

    private sealed class Capture : HttpMessageHandler
    {
        internal string[]? Headers { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Headers = [.. request.Headers.NonValidated.Select(header => header.Key).Where(name => HeadroomHeaders.IsControl(name))];
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
        }
    }
}
