using Headroom.Routing.Resolution;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>The names of attributes, by OpenTelemetry's conventions where there is one, and values that are few, whatever callers send.</summary>
/// <remarks>https://opentelemetry.io/docs/specs/semconv/http/ and https://opentelemetry.io/docs/specs/semconv/gen-ai/</remarks>
internal static class TelemetryNames
{
    /// <summary>The name of the meter and of the activity source.</summary>
    internal const string Scope = "Headroom.Routing";

    internal const string Provider = "gen_ai.provider.name";
    internal const string Upstream = "headroom.upstream";
    internal const string Choice = "headroom.choice";
    internal const string Refusal = "headroom.refusal";
    internal const string ServerAddress = "server.address";
    internal const string ServerPort = "server.port";
    internal const string Scheme = "url.scheme";
    internal const string Method = "http.request.method";
    internal const string Status = "http.response.status_code";
    internal const string ProtocolVersion = "network.protocol.version";
    internal const string ErrorType = "error.type";

    /// <summary>The upstream, and its host, where neither the configuration nor the catalog knows it.</summary>
    internal const string Other = "other";

    /// <summary>The convention's word for a value that is not one of the known ones.</summary>
    internal const string Unknown = "_OTHER";

    internal static readonly string? Version = typeof(TelemetryNames).Assembly.GetName().Version?.ToString(3);

    internal static string Of(Provider? provider) => provider?.TelemetryName ?? Unknown;

    internal static string Of(UpstreamSource source) => UpstreamSourceWords.Of(source);

    /// <summary>The method; <see langword="null"/> for one that is not well known, because a caller may invent any number of them.</summary>
    internal static string? Known(string method)
    {
        var canonical = HttpMethods.GetCanonicalizedValue(method);
        return canonical switch
        {
            "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH" => canonical,
            _ => null,
        };
    }
}
