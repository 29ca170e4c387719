using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Headers;
using Headroom.Routing.Resolution;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>What is changed on the way: the URL, and the headers that are for this hop alone. One for each request.</summary>
internal sealed class UpstreamTransformer(UpstreamTarget target, ProxySnapshot snapshot) : HttpTransformer
{
    private static readonly IReadOnlyDictionary<string, StringValues> NoControlHeaders = FrozenDictionary<string, StringValues>.Empty;

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = target.Uri;
        proxyRequest.Headers.Host = null;

        Dictionary<string, StringValues>? control = null;
        foreach (var (name, value) in httpContext.Request.Headers)
        {
            if (!snapshot.RequestHeaders.Drops(name))
            {
                continue;
            }

            if (HeadroomHeaders.IsControl(name))
            {
                (control ??= new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase)).Add(name, value);
            }

            Remove(proxyRequest, name);
        }

        foreach (var name in ConnectionOptions(httpContext.Request.Headers.Connection.ToString()))
        {
            Remove(proxyRequest, name);
        }

        proxyRequest.Options.Set(HeadroomRequestOptions.Target, target);
        proxyRequest.Options.Set(HeadroomRequestOptions.ControlHeaders, control ?? NoControlHeaders);
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        var headers = httpContext.Response.Headers;
        List<(string Name, StringValues Own)>? dropped = null;
        CollectDropped(proxyResponse.Headers, headers, ref dropped);
        CollectDropped(proxyResponse.Content.Headers, headers, ref dropped);
        if (proxyResponse.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection))
        {
            foreach (var name in ConnectionOptions(connection.ToString()))
            {
                (dropped ??= []).Add((name, headers[name]));
            }
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        foreach (var (name, own) in dropped ?? [])
        {
            headers[name] = own;
        }

        if (IsStream(proxyResponse))
        {
            // The forwarder would hold the headers back until the first byte of the body; a model may think for minutes before it.
            await httpContext.Response.StartAsync(cancellationToken);
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        }

        return true;
    }

    // What the host itself set under such a name stays.
    private void CollectDropped(HttpHeaders upstream, IHeaderDictionary headers, ref List<(string Name, StringValues Own)>? dropped)
    {
        foreach (var header in upstream.NonValidated)
        {
            if (snapshot.ResponseHeaders.Drops(header.Key))
            {
                (dropped ??= []).Add((header.Key, headers[header.Key]));
            }
        }
    }

    // An upgrade is answered by the forwarder itself.
    private static bool IsStream(HttpResponseMessage response) =>
        response.StatusCode != HttpStatusCode.SwitchingProtocols
        && response.RequestMessage?.Method != HttpMethod.Connect
        && (response.Content.Headers.ContentLength is null
            || response.Content.Headers.ContentType?.MediaType == "text/event-stream");

    // RFC 9110, section 7.6.1: what 'Connection' names is for this hop.
    private static string[] ConnectionOptions(string connection) =>
        connection is "" or "keep-alive" or "close" or "Upgrade"
            ? []
            : connection.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void Remove(HttpRequestMessage request, string name)
    {
        if (request.Headers.NonValidated.Contains(name))
        {
            request.Headers.Remove(name);
        }
        else if (request.Content?.Headers.NonValidated.Contains(name) == true)
        {
            request.Content.Headers.Remove(name);
        }
    }
}
