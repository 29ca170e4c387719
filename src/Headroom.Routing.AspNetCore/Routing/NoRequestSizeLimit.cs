using Microsoft.AspNetCore.Http.Metadata;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Lifts the server's limit, because providers accept bodies of hundreds of megabytes. An app that wants a limit adds its own metadata, which then counts.</summary>
internal sealed class NoRequestSizeLimit : IRequestSizeLimitMetadata
{
    internal static readonly NoRequestSizeLimit Instance = new();

    public long? MaxRequestBodySize => null;
}
