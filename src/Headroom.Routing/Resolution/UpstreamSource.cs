namespace Headroom.Routing;

/// <summary>What told which upstream a request goes to.</summary>
public enum UpstreamSource
{
    /// <summary>Nothing in the request: it goes to the provider's base address.</summary>
    Default,

    /// <summary>A URL in <see cref="HeadroomHeaders.Upstream"/>.</summary>
    Header,

    /// <summary>A URL in <see cref="HeadroomHeaders.BaseUrl"/>, the header of the original proxy.</summary>
    BaseUrlHeader,

    /// <summary>A name, in either header or in the path (<c>/@name</c>).</summary>
    Name,

    /// <summary>A header's value, used verbatim because the path is below <see cref="HeadroomOptions.VerbatimMount"/>.</summary>
    Mount,

    /// <summary>A ChatGPT login, which goes to chatgpt.com whatever else the request says.</summary>
    Login,
}
