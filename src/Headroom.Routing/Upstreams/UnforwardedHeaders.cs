namespace Headroom.Routing.Upstreams;

/// <summary>Names of headers that never reach an upstream, whoever sets them.</summary>
internal static class UnforwardedHeaders
{
    /// <summary>They unlock the metadata services of clouds.</summary>
    internal static readonly string[] OfMetadata =
        ["Metadata", "Metadata-Flavor", "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds", "X-Google-Metadata-Request"];

    /// <summary>They are about the connection, not the message (RFC 9110, sections 7.6.1 and 7.8; RFC 9113, section 8.2.2).</summary>
    internal static readonly string[] OfOneHop =
    [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "TE",
        "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Upgrade-Insecure-Requests", "ALPN", "Alt-Svc",
    ];
}
