using Headroom.Routing.AspNetCore;
using Headroom.Routing.AspNetCore.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extends an app's own YARP.</summary>
public static class HeadroomReverseProxyBuilderExtensions
{
    /// <summary>
    /// Keeps control headers (<c>x-headroom-*</c>) from leaving by the app's own YARP routes: those of <c>MapReverseProxy()</c> and those of
    /// <c>MapForwarder()</c>. They are removed after all transforms, wherever in the chain of calls this one stands.
    /// </summary>
    /// <param name="builder">The app's YARP.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IReverseProxyBuilder AddHeadroomTransforms(this IReverseProxyBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Decorate<IHttpForwarder>(forwarder => new StrippingForwarder(forwarder));
        return builder;
    }
}
