namespace Headroom.Routing.Resolution;

/// <summary>What told the upstream, in the words of logs, metrics and explanations.</summary>
internal static class UpstreamSourceWords
{
    internal static string Of(UpstreamSource source) => source switch
    {
        UpstreamSource.Header => "header",
        UpstreamSource.BaseUrlHeader => "base_url_header",
        UpstreamSource.Name => "name",
        UpstreamSource.Mount => "mount",
        UpstreamSource.Login => "login",
        _ => "default",
    };
}
