using System.Security.Cryptography;
using System.Text;
using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>The tokens that callers have for the gateway itself. They are known by their hashes, which are compared in constant time.</summary>
internal sealed class GatewayTokens
{
    /// <summary>The longest token, in characters.</summary>
    internal const int MaxLength = 512;

    private const int MaxParts = 16;

    private readonly (string Holder, byte[] Hash)[] _tokens;
    private readonly string[] _keyHeaders;

    /// <param name="tokens">The tokens by their holders.</param>
    /// <param name="providers">All providers; a token may stand where a key for one of them belongs.</param>
    internal GatewayTokens(IEnumerable<KeyValuePair<string, string>> tokens, IEnumerable<Provider> providers)
    {
        _tokens = [.. tokens.Select(token => (token.Key, SHA256.HashData(Encoding.UTF8.GetBytes(token.Value))))];
        _keyHeaders = KeyHeaders.Of(providers);
    }

    /// <summary>Finds the holder of a token.</summary>
    /// <returns><see langword="null"/> if nobody holds it.</returns>
    internal string? HolderOf(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (token.IsEmpty || !Encoding.UTF8.TryGetBytes(token, bytes, out var length))
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        string? found = null;
        foreach (var (holder, known) in _tokens)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? holder : found;
        }

        return found;
    }

    /// <summary>Finds the holder of a token that a client sent in the place of a provider's key, because it can send nothing else.</summary>
    /// <returns><see langword="null"/> if the request has no such token.</returns>
    internal string? HolderByKey(HttpRequest request)
    {
        if (_tokens.Length == 0)
        {
            return null;
        }

        string? holder = null;
        foreach (var name in _keyHeaders)
        {
            foreach (var value in request.Headers[name])
            {
                holder ??= HolderOfPart(value);
            }
        }

        foreach (var value in request.Headers.SecWebSocketProtocol)
        {
            holder ??= HolderOfPart(value?.Replace(CallerCredentials.SubprotocolPrefix, "", StringComparison.OrdinalIgnoreCase));
        }

        if (holder is not null || !request.QueryString.HasValue)
        {
            return holder;
        }

        foreach (var name in CallerCredentials.QueryParameters)
        {
            foreach (var value in request.Query[name])
            {
                holder ??= HolderOfPart(value);
            }
        }

        return holder;
    }

    /// <summary>
    /// Whether a token for the gateway stands where it would be sent to the upstream: one of these, or the one that the app itself authenticated the request by
    /// and saved, as its JWT bearer scheme does.
    /// </summary>
    internal bool IsSentAsKey(HttpContext context) =>
        HolderByKey(context.Request) is not null
        || ((context.Features[typeof(IAuthenticateResultFeature)] as IAuthenticateResultFeature)?.AuthenticateResult?.Properties?.GetTokenValue("access_token") is { Length: > 0 } saved
            && Holds(context.Request, saved));

    // 'Bearer TOKEN', or several values that a proxy joined by commas. Whoever sends more words than that wants them hashed.
    private string? HolderOfPart(ReadOnlySpan<char> value)
    {
        var left = MaxParts;
        foreach (var range in value.SplitAny(' ', ',', '\t'))
        {
            if (left-- == 0)
            {
                break;
            }

            if (HolderOf(value[range]) is { } holder)
            {
                return holder;
            }
        }

        return null;
    }

    private bool Holds(HttpRequest request, string token)
    {
        var found = request.QueryString.HasValue && request.QueryString.Value!.Contains(token, StringComparison.Ordinal);
        foreach (var name in _keyHeaders)
        {
            foreach (var value in request.Headers[name])
            {
                found |= value?.Contains(token, StringComparison.Ordinal) == true;
            }
        }

        return found;
    }
}
