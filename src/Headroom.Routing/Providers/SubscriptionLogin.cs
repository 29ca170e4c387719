using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Providers;

/// <summary>
/// Recognizes a request that is authenticated by a ChatGPT login rather than by an API key. Its token opens the user's account and must reach only
/// chatgpt.com. The token is decoded (RFC 7519) but not verified: it is a routing hint, and a forged one leads to chatgpt.com too.
/// </summary>
internal static class SubscriptionLogin
{
    internal const string AuthorizationHeader = "Authorization";
    internal const string AccountHeader = "ChatGPT-Account-ID";

    private const string ApiKeyPrefix = "sk-";
    private const int MaxTokenLength = 64 * 1024;

    internal static bool IsLogin(in RequestHeaders headers)
    {
        foreach (var value in headers.Authorization)
        {
            // A proxy before this one may have joined repeated headers by commas.
            foreach (var range in value.AsSpan().Split(','))
            {
                if (IsLogin(value.AsSpan()[range], headers.AccountId))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsLogin(ReadOnlySpan<char> authorization, StringValues account) =>
        BearerToken.TryRead(authorization, out var token)
            && token.Length <= MaxTokenLength
            && !token.StartsWith(ApiKeyPrefix, StringComparison.Ordinal)
            && TryReadClaims(token, out var hasAccount)
            && (hasAccount || !string.IsNullOrWhiteSpace(account));

    // False for what is not a JWT (an API key, say) or can't be decoded.
    private static bool TryReadClaims(ReadOnlySpan<char> token, out bool hasAccount)
    {
        hasAccount = false;
        var start = token.IndexOf('.') + 1;
        var length = start == 0 ? -1 : token[start..].IndexOf('.');
        if (length <= 0)
        {
            return false;
        }

        var payload = token.Slice(start, length).TrimEnd('=');
        var bytes = ArrayPool<byte>.Shared.Rent(payload.Length);
        try
        {
            if (Base64Url.DecodeFromChars(payload, bytes, out _, out var written) != OperationStatus.Done)
            {
                return false;
            }

            hasAccount = HoldsAccount(bytes.AsSpan(0, written));
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader throws InvalidOperationException for text that is not valid Unicode.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        }
    }

    private static bool HoldsAccount(ReadOnlySpan<byte> claims)
    {
        var reader = new Utf8JsonReader(claims);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isAuth = reader.ValueTextEquals("https://api.openai.com/auth"u8);
            reader.Read();
            if (!isAuth || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isAccount = reader.ValueTextEquals("chatgpt_account_id"u8);
                reader.Read();
                found |= isAccount && reader.TokenType == JsonTokenType.String && !string.IsNullOrWhiteSpace(reader.GetString());
                reader.Skip();
            }
        }

        return found;
    }
}
