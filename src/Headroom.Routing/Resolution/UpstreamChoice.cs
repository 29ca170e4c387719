namespace Headroom.Routing;

/// <summary>Who chose the upstream of a request. This decides about secrets: a key that the app adds belongs only to configured targets.</summary>
public enum UpstreamChoice
{
    /// <summary>The operator. The request names no upstream, so the provider's base address is used.</summary>
    Configured,

    /// <summary>The caller, by one of the names that the operator configured or that the catalog has.</summary>
    Named,

    /// <summary>The caller, by a URL, even if the URL is that of an upstream which the operator configured.</summary>
    Override,
}
