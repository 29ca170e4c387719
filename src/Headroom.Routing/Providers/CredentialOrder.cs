namespace Headroom.Routing.Providers;

/// <summary>
/// Which credential decides where a request bears several: the headers that name one API before the keys that several accept,
/// and <c>Authorization</c>, which all know, last.
/// </summary>
internal static class CredentialOrder
{
    internal const int AnthropicVersion = 1;
    internal const int GoogleKey = 2;
    internal const int AzureKey = 3;
    internal const int AnthropicKey = 4;
    internal const int Authorization = 5;
}
