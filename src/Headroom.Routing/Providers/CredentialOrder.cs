namespace Headroom.Routing;

/// <summary>
/// Which credential decides where a request has several: those of added providers, then the headers that name one API, then the keys that
/// several accept, and <c>Authorization</c>, which all know, last.
/// </summary>
internal enum CredentialOrder
{
    Added,
    AnthropicVersion,
    GoogleKey,
    AzureKey,
    AnthropicKey,
    Authorization,
}
