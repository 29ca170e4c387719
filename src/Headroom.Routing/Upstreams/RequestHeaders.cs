using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Upstreams;

/// <summary>What a request's headers say about where it goes, read in one walk.</summary>
internal struct RequestHeaders
{
    internal StringValues Upstream;
    internal StringValues BaseUrl;
    internal StringValues OriginalPath;
    internal StringValues Authorization;
    internal StringValues AccountId;

    /// <summary>Which of the providers' credentials the request carries, a bit for each.</summary>
    internal ulong Credentials;

    /// <summary>Whether the client speaks Anthropic's API.</summary>
    internal bool HasAnthropicVersion;

    /// <summary>Whether it carries an API key: the key header of a provider, or a bearer token that is not a JWT.</summary>
    internal bool HasKey;

    /// <summary>Whether a path that no provider lists may still be a provider's: the request carries a key or an override, or names the API and carries no token.</summary>
    internal readonly bool IsMeantForProvider => HasKey || NamesUpstream || (HasAnthropicVersion && Authorization.Count == 0);

    /// <summary>The name of a header that looks like <c>X-Headroom-Upstream</c> but is not, if there is one. Without that header, its key would go to the wrong company.</summary>
    internal string? MisspelledOverride;

    /// <summary>The header that names the upstream; empty if none does.</summary>
    internal readonly StringValues Override => !IsBlank(Upstream) ? Upstream : !IsBlank(BaseUrl) ? BaseUrl : StringValues.Empty;

    /// <summary>Whether <see cref="Override"/> is the header of the original proxy.</summary>
    internal readonly bool IsByBaseUrl => IsBlank(Upstream) && !IsBlank(BaseUrl);

    /// <summary>Whether it carries the header of the original proxy beside the one that counts.</summary>
    internal readonly bool HasIgnoredBaseUrl => !IsBlank(Upstream) && !IsBlank(BaseUrl);

    /// <summary>Whether the request means to name its upstream in a header, rightly or not.</summary>
    internal readonly bool NamesUpstream => MisspelledOverride is not null || Override.Count > 0;

    internal readonly bool HasOriginalPath => !IsBlank(OriginalPath);

    /// <summary>Whether another request's headers say the same.</summary>
    internal readonly bool Equals(in RequestHeaders other) =>
        Credentials == other.Credentials
        && HasAnthropicVersion == other.HasAnthropicVersion
        && HasKey == other.HasKey
        && MisspelledOverride == other.MisspelledOverride
        && Upstream.Equals(other.Upstream)
        && BaseUrl.Equals(other.BaseUrl)
        && OriginalPath.Equals(other.OriginalPath)
        && Authorization.Equals(other.Authorization)
        && AccountId.Equals(other.AccountId);

    private static bool IsBlank(StringValues values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                return false;
            }
        }

        return true;
    }
}
