using System.Collections.Frozen;
using System.Diagnostics;
using System.Net.Http.Headers;
using Headroom.Routing.Handlers;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>Makes of a client's request the one that goes to the upstream: method, URL and headers.</summary>
internal static class RequestHead
{
    private static readonly IReadOnlyDictionary<string, StringValues> NoControlHeaders = FrozenDictionary<string, StringValues>.Empty;

    /// <summary>Makes the message. Its body is only announced; nothing of it is read yet.</summary>
    internal static HttpRequestMessage Create(
        HttpContext context, UpstreamTarget target, ForwardingRules rules, UpstreamClient client, RequestBody? body)
    {
        var method = HttpMethod.Parse(context.Request.Method);
        var message = target.Key is null ? new KeylessRequest(method, target.Uri) : new HttpRequestMessage(method, target.Uri);
        message.Version = rules.VersionFor(target);
        message.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        message.Content = body;
        Complete(message, context.Request, target, rules, client);
        return message;
    }

    /// <summary>Gives a message its headers.</summary>
    internal static void Complete(HttpRequestMessage message, HttpRequest request, UpstreamTarget target, ForwardingRules rules, UpstreamClient client)
    {
        Dictionary<string, StringValues>? control = null;
        var key = target.Key;
        using var copy = new HeaderCopy(request.Headers);
        foreach (var (name, values) in copy.Pairs)
        {
            if (!rules.RequestHeaders.Drops(name))
            {
                if (key is null)
                {
                    Add(message, name, values);
                }
                else if (!key.Replaces(name))
                {
                    Add(message, name, name.Equals(HeaderNames.SecWebSocketProtocol, StringComparison.OrdinalIgnoreCase) ? CallerCredentials.WithoutKeys(values) : values);
                }
            }
            else if (client.HasForeignHandlers && HeadroomHeaders.IsControl(name))
            {
                (control ??= new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase)).Add(name, values);
            }
        }

        foreach (var name in HeaderRules.NamedByConnection(request.Headers.Connection.ToString()))
        {
            Remove(message, name);
        }

        if (request.Headers.TransferEncoding.Count > 0)
        {
            // It overrides the length (RFC 9112, section 6.3).
            message.Content?.Headers.Remove(HeaderNames.ContentLength);
        }

        if (AcceptsTrailers(request))
        {
            message.Headers.TryAddWithoutValidation(HeaderNames.TE, "trailers");
        }

        if (rules.PropagateTraceContext && target.Trust == UpstreamTrust.Operator)
        {
            AddTraceContext(message);
        }

        if (client.HasForeignHandlers)
        {
            message.Options.Set(HeadroomRequestOptions.ControlHeaders, control ?? NoControlHeaders);
        }

        if (client.HasForeignHandlers || key is not null)
        {
            message.Options.Set(HeadroomRequestOptions.Target, target);
        }
    }

    /// <summary>Whether the client may send a body. To look does not begin to read it, which would ask the client to continue.</summary>
    internal static bool MayHaveBody(HttpContext context) =>
        (context.Features[typeof(IHttpRequestBodyDetectionFeature)] as IHttpRequestBodyDetectionFeature)?.CanHaveBody
        ?? (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0);

    /// <summary>Whether a request is forwarded with <c>TE: trailers</c>, the one value that it may have over HTTP/2 (RFC 9113, section 8.2.2).</summary>
    internal static bool AcceptsTrailers(HttpRequest request) =>
        request.Headers.TE.Count > 0
        && (HttpProtocol.IsHttp2(request.Protocol) || HttpProtocol.IsHttp3(request.Protocol))
        && request.Headers.GetCommaSeparatedValues(HeaderNames.TE).Contains("trailers", StringComparer.OrdinalIgnoreCase);

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        if (name.StartsWith(':') || HasLineBreak(values))
        {
            return;
        }

        if (!TryAdd(message.Headers, name, values))
        {
            // A header of the body's (Content-Type) can stand there alone.
            message.Content ??= new ByteArrayContent([]);
            _ = TryAdd(message.Content.Headers, name, values);
        }
    }

    private static bool TryAdd(HttpHeaders headers, string name, StringValues values) => values.Count == 1
        ? headers.TryAddWithoutValidation(name, values.ToString())
        : headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);

    private static bool HasLineBreak(StringValues values)
    {
        foreach (var value in values)
        {
            if (value.AsSpan().ContainsAny('\r', '\n'))
            {
                return true;
            }
        }

        return false;
    }

    // W3C Trace Context, sections 3.2 and 3.3. Baggage stays here: it may hold anything.
    private static void AddTraceContext(HttpRequestMessage message)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } current)
        {
            return;
        }

        Remove(message, HeaderNames.TraceParent);
        Remove(message, HeaderNames.TraceState);
        message.Headers.TryAddWithoutValidation(HeaderNames.TraceParent, id);
        if (current.TraceStateString is { Length: > 0 } state)
        {
            message.Headers.TryAddWithoutValidation(HeaderNames.TraceState, state);
        }
    }

    private static void Remove(HttpRequestMessage message, string name)
    {
        if (message.Headers.NonValidated.Contains(name))
        {
            message.Headers.Remove(name);
        }
        else if (message.Content?.Headers.NonValidated.Contains(name) == true)
        {
            message.Content.Headers.Remove(name);
        }
    }
}
