using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>What is known of an answer when its status and headers were passed on.</summary>
/// <param name="HasBody">Whether a body may follow.</param>
/// <param name="Length">How long the body will be, in bytes; <see langword="null"/> if that is not known.</param>
/// <param name="IsStream">Whether the body may come in pieces with long pauses between them, as a model's words do.</param>
internal readonly record struct AnswerHead(bool HasBody, long? Length, bool IsStream)
{
    /// <summary>Passes status and headers on to the client; nothing is sent yet.</summary>
    internal static AnswerHead Copy(HttpResponseMessage from, HttpContext context, HeaderRules rules)
    {
        var to = context.Response;
        to.StatusCode = (int)from.StatusCode;
        if ((HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol)) && from.ReasonPhrase != ReasonPhrases.GetReasonPhrase(to.StatusCode))
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = from.ReasonPhrase;
        }

        RemoveNamedByConnection(from);
        var hasOwn = to.Headers.Count > 0;
        _ = Copy(from.Headers, to.Headers, hasOwn, rules);

        // Neither has a body (RFC 9110, sections 15.3.5 and 15.3.6), and Kestrel throws if the headers announce one.
        if (from.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.ResetContent)
        {
            UnsharedAnswer.KeepFromResponseCache(context);
            return default;
        }

        var (length, isEventStream) = Copy(from.Content.Headers, to.Headers, hasOwn, rules);
        if (length is not null && from.Headers.NonValidated.Contains(HeaderNames.TransferEncoding))
        {
            // Transfer-Encoding overrides it (RFC 9112, section 6.3).
            to.Headers.Remove(HeaderNames.ContentLength);
            length = null;
        }

        UnsharedAnswer.KeepFromResponseCache(context);

        // In an answer to HEAD and in a 304 the length is the one that a GET would have got.
        var isBodiless = from.StatusCode == HttpStatusCode.NotModified || HttpMethods.IsHead(context.Request.Method);
        return new(true, isBodiless ? null : length, length is null || isEventStream);
    }

    /// <summary>Passes the trailers on, by the rules for headers, because some clients merge the two.</summary>
    internal static void CopyTrailers(HttpResponseMessage from, HttpContext context, HeaderRules rules)
    {
        // Over HTTP/1.1 none can follow a body that is not chunked (RFC 9112, section 7.1.2).
        var mayHaveAny = from.Version.Major > 1 || from.Headers.NonValidated.Contains(HeaderNames.TransferEncoding);
        if (mayHaveAny && context.Features.Get<IHttpResponseTrailersFeature>() is { Trailers: { IsReadOnly: false } trailers })
        {
            _ = Copy(from.TrailingHeaders, trailers, trailers.Count > 0, rules);
        }
    }

    private static (long? Length, bool IsEventStream) Copy(HttpHeaders from, IHeaderDictionary to, bool hasOwn, HeaderRules rules)
    {
        long? length = null;
        var isEventStream = false;
        foreach (var (name, values) in from.NonValidated)
        {
            if (rules.Drops(name) || !CanSend(name, values, to))
            {
                continue;
            }

            // The upstream's own come all at once, so this finds only the app's.
            var own = hasOwn ? to[name] : StringValues.Empty;
            if (own.Count > 0 && name.Equals(HeaderNames.StrictTransportSecurity, StringComparison.OrdinalIgnoreCase))
            {
                // Of the gateway's own origin, the app knows best.
                continue;
            }

            var value = values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
            to[name] = StringValues.Concat(own, value);
            if (name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase))
            {
                length = long.TryParse(value.ToString(), NumberStyles.None, NumberFormatInfo.InvariantInfo, out var parsed) ? parsed : null;
            }
            else if (name.Equals(HeaderNames.ContentType, StringComparison.OrdinalIgnoreCase))
            {
                isEventStream = value.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);
            }
        }

        return (length, isEventStream);
    }

    // Removed from the upstream's headers and not from the response's, so a header of that name which the app itself set stays.
    private static void RemoveNamedByConnection(HttpResponseMessage from)
    {
        if (from.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection))
        {
            foreach (var name in HeaderRules.NamedByConnection(connection.ToString()))
            {
                _ = from.Headers.NonValidated.Contains(name) ? from.Headers.Remove(name) : from.Content.Headers.NonValidated.Contains(name) && from.Content.Headers.Remove(name);
            }
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
}
