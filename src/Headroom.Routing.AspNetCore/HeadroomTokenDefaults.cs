namespace Headroom.Routing.AspNetCore;

/// <summary>The defaults of the authentication by <see cref="HeadroomProxyOptions.Tokens"/>.</summary>
public static class HeadroomTokenDefaults
{
    /// <summary>The name of the authentication scheme.</summary>
    public const string AuthenticationScheme = "HeadroomToken";
}
