using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Providers;

/// <summary>Reads the bearer tokens (RFC 6750, section 2.1) of <c>Authorization</c> headers.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer";

    /// <summary>Whether one of the values is a bearer token that is not a JWT. A JWT may be a login to a company's own systems; anything else is an API key.</summary>
    internal static bool IsOpaque(StringValues authorization)
    {
        foreach (var value in authorization)
        {
            if (TryRead(value, out var token) && !IsJwt(token))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the token of one value.</summary>
    internal static bool TryRead(ReadOnlySpan<char> authorization, out ReadOnlySpan<char> token)
    {
        authorization = authorization.Trim();
        var isBearer = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && authorization.Length > Scheme.Length
            && char.IsWhiteSpace(authorization[Scheme.Length]);
        token = isBearer ? authorization[Scheme.Length..].TrimStart() : [];
        return isBearer;
    }

    // Two dots in a signed token (RFC 7515, section 7.1), four in an encrypted one (RFC 7516, section 7.1).
    private static bool IsJwt(ReadOnlySpan<char> token) => token.Count('.') >= 2;
}
