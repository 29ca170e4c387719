using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Explaining;

/// <summary>Answers a request with its own explanation.</summary>
internal sealed class ExplainEndpoint(HeadroomExplainer explainer)
{
    /// <summary>The pattern below the endpoint's prefix.</summary>
    internal const string Pattern = "/{**rest}";

    private const string ResolveName = "dns=true";

    // It is never read as HTML; an '&' in a URL stays one.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal async Task InvokeAsync(HttpContext context)
    {
        UnsharedAnswer.KeepFromOutputCache(context);
        context.Response.Headers.CacheControl = "no-store";
        var rules = explainer.CurrentRules();
        if (rules.Browsers.Refuses(context.Request))
        {
            await ErrorWriter.WriteAsync(context, ProxyError.OriginNotAllowed, Dialect.Any);
            return;
        }

        var pathAndQuery = ReadTarget(context, out var resolveName);
        var explanation = await explainer.ExplainAsync(context.Request, pathAndQuery, rules, resolveName, context.RequestAborted);
        await WriteAsync(context, explanation);
    }

    // A target that the proxy can't read is refused by the resolver, too.
    private static string ReadTarget(HttpContext context, out bool resolveName)
    {
        var endpoint = (RouteEndpoint)context.GetEndpoint()!;
        return IncomingPath.TryRead(context, endpoint.RoutePattern.PathSegments.Count - 1, out var pathAndQuery)
            ? WithoutOwnParameter(pathAndQuery, out resolveName)
            : WithoutOwnParameter(IncomingPath.RawTarget(context), out resolveName);
    }

    private static string WithoutOwnParameter(string pathAndQuery, out bool isThere)
    {
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var parameters = query < 0 ? [] : pathAndQuery[(query + 1)..].Split('&').ToList();
        isThere = parameters.Remove(ResolveName);
        return !isThere ? pathAndQuery
            : parameters.Count == 0 ? pathAndQuery[..query]
            : pathAndQuery[..(query + 1)] + string.Join('&', parameters);
    }

    private static async Task WriteAsync(HttpContext context, HeadroomExplanation explanation)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, Readable))
        {
            explanation.WriteTo(json);
        }

        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }
    }
}
