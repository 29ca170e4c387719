using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>Changes what must change on the way: the URL, and the headers that are not forwarded. There is one for each request.</summary>
internal sealed class UpstreamTransformer(UpstreamTarget target, ForwardingRules rules) : HttpTransformer
{
    private static readonly IReadOnlyDictionary<string, StringValues> NoControlHeaders = FrozenDictionary<string, StringValues>.Empty;

    /// <summary>Whether an answer was copied to its end. What fails after that is the rest of an upload that the upstream did not wait for.</summary>
    internal bool Answered { get; private set; }

    /// <summary>What the upstream answered, if it did.</summary>
    internal HttpResponseMessage? Answer { get; private set; }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = target.Uri;
        proxyRequest.Headers.Host = null;

        Dictionary<string, StringValues>? control = null;
        foreach (var (name, value) in httpContext.Request.Headers)
        {
            if (!rules.RequestHeaders.Drops(name))
            {
                continue;
            }

            if (HeadroomHeaders.IsControl(name))
            {
                (control ??= new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase)).Add(name, value);
            }

            Remove(proxyRequest.Headers, proxyRequest.Content?.Headers, name);
        }

        foreach (var name in HeaderRules.NamedByConnection(httpContext.Request.Headers.Connection.ToString()))
        {
            Remove(proxyRequest.Headers, proxyRequest.Content?.Headers, name);
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

        Answer = proxyResponse;
        if (proxyResponse.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.ResetContent)
        {
            // Neither has a body (RFC 9110, sections 15.3.5 and 15.3.6), and Kestrel throws if the headers announce one.
            proxyResponse.Content.Dispose();
            proxyResponse.Content = new ByteArrayContent([]);
        }

        var headers = httpContext.Response.Headers;
        if (proxyResponse.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection))
        {
            foreach (var name in HeaderRules.NamedByConnection(connection.ToString()))
            {
                Remove(proxyResponse.Headers, proxyResponse.Content.Headers, name);
            }
        }

        RemoveUnwanted(proxyResponse.Headers, headers);
        RemoveUnwanted(proxyResponse.Content.Headers, headers);
        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        UnsharedAnswer.KeepFromResponseCache(httpContext);
        var isStream = IsStream(proxyResponse);
        if (proxyResponse.Content.Headers.ContentLength is { } length && IsLengthOfBody(proxyResponse))
        {
            proxyResponse.Content = new LengthCheckedContent(proxyResponse.Content, length);
        }

        if (isStream)
        {
            // The forwarder would hold the headers back until the first byte of the body, and a model may think for minutes before that.
            await httpContext.Response.StartAsync(cancellationToken);
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>Applies the rules for headers to trailers, because some clients merge the two.</summary>
    public override async ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (httpContext.Features.Get<IHttpResponseTrailersFeature>() is { Trailers: { IsReadOnly: false } trailers })
        {
            RemoveUnwanted(proxyResponse.TrailingHeaders, trailers);
        }

        await base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
        Answered = true;
    }

    // Removed from the upstream's headers and not from the response's, so a header of that name which the app itself set stays.
    private void RemoveUnwanted(HttpHeaders upstream, IHeaderDictionary headers)
    {
        List<string>? unwanted = null;
        foreach (var header in upstream.NonValidated)
        {
            if (rules.ResponseHeaders.Drops(header.Key) || !CanSend(header.Key, header.Value, headers))
            {
                (unwanted ??= []).Add(header.Key);
            }
        }

        foreach (var name in unwanted ?? [])
        {
            upstream.Remove(name);
        }
    }

    // Kestrel throws for values that are not ASCII unless its ResponseHeaderEncodingSelector has an encoding for them. Such a header is left out, so that
    // the rest of the answer arrives.
    private static bool CanSend(string name, HeaderStringValues values, IHeaderDictionary headers)
    {
        foreach (var value in values)
        {
            if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                continue;
            }

            var own = headers[name];
            try
            {
                headers[name] = value;
                headers[name] = own;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }

        return true;
    }

    // In an answer to HEAD and in a 304 the length is the one that a GET would have got.
    private static bool IsLengthOfBody(HttpResponseMessage response) =>
        response.Version.Major > 1
        && response.StatusCode != HttpStatusCode.NotModified
        && response.RequestMessage is { } request && request.Method != HttpMethod.Head && request.Method != HttpMethod.Connect;

    // An upgrade is answered by the forwarder itself.
    private static bool IsStream(HttpResponseMessage response) =>
        response.StatusCode != HttpStatusCode.SwitchingProtocols
        && response.RequestMessage?.Method != HttpMethod.Connect
        && (response.Content.Headers.ContentLength is null
            || string.Equals(response.Content.Headers.ContentType?.MediaType, "text/event-stream", StringComparison.OrdinalIgnoreCase));

    private static void Remove(HttpHeaders headers, HttpContentHeaders? contentHeaders, string name)
    {
        if (headers.NonValidated.Contains(name))
        {
            headers.Remove(name);
        }
        else if (contentHeaders?.NonValidated.Contains(name) == true)
        {
            contentHeaders.Remove(name);
        }
    }
}
