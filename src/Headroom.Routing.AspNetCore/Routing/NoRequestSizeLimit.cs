using Microsoft.AspNetCore.Http.Metadata;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>No limit of ours: providers take bodies of hundreds of megabytes. A host that wants one adds its own metadata, which then counts.</summary>
internal sealed class NoRequestSizeLimit : IRequestSizeLimitMetadata
{
    internal static readonly NoRequestSizeLimit Instance = new();

    public long? MaxRequestBodySize => null;
}
