namespace Headroom.Routing.Providers;

/// <summary>The request headers that may hold a caller's key.</summary>
internal static class KeyHeaders
{
    // What APIs take whichever provider is behind them; a session token goes with a signature in Authorization.
    private static readonly string[] Common = ["Authorization", "X-Amz-Security-Token"];

    /// <summary>Those of providers, switched on or not: a caller may send the key of any.</summary>
    internal static string[] Of(IEnumerable<Provider> providers) =>
    [
        .. providers.SelectMany(provider => provider.Credentials).Where(credential => credential.IsKey).Select(credential => credential.Header)
            .Concat(Common).Where(CanSend).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Whether a request can have a header of a name. One that is the body's, such as <c>Content-Type</c>, does not count.</summary>
    internal static bool CanSend(string name)
    {
        using var request = new HttpRequestMessage();
        return request.Headers.TryAddWithoutValidation(name, "x");
    }
}
