using Headroom.Routing.AspNetCore;
using Headroom.Routing.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extends an app's authentication.</summary>
public static class HeadroomAuthenticationBuilderExtensions
{
    /// <summary>
    /// Adds a scheme that authenticates callers by the tokens of <see cref="HeadroomProxyOptions.Tokens"/>. A token comes in
    /// <c>X-Headroom-Proxy-Token</c>. From a client that can't set that header, it may come in the place of the provider's key (<c>Authorization: Bearer</c>,
    /// <c>x-api-key</c>, <c>api-key</c>, <c>x-goog-api-key</c>), on requests for which the gateway has a key of its own. The name of the token's holder becomes
    /// the user's name, as a claim of the type <c>name</c>. The proxy itself must have been added by <c>AddHeadroomProxy()</c>.
    /// </summary>
    /// <param name="builder">The app's authentication.</param>
    /// <param name="authenticationScheme">The name of the scheme.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static AuthenticationBuilder AddHeadroomTokens(
        this AuthenticationBuilder builder, string authenticationScheme = HeadroomTokenDefaults.AuthenticationScheme)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(authenticationScheme);
        return builder.AddScheme<AuthenticationSchemeOptions, HeadroomTokenHandler>(authenticationScheme, null);
    }
}
