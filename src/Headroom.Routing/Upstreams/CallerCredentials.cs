using System.Text;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Upstreams;

/// <summary>Where a caller's key may stand besides a header of its own, and how it is taken out.</summary>
internal static class CallerCredentials
{
    /// <summary>Google's API keys, Azure OpenAI's (for WebSockets), and bearer tokens (RFC 6750, section 2.3).</summary>
    internal static readonly string[] QueryParameters = ["key", "api-key", "access_token"];

    /// <summary>What OpenAI's browser clients put in front of a key, among the subprotocols of a WebSocket.</summary>
    internal const string SubprotocolPrefix = "openai-insecure-api-key.";

    /// <summary>A query without keys; what is left of it is as it was.</summary>
    /// <param name="query">Empty, or starting with a question mark.</param>
    internal static ReadOnlySpan<char> WithoutKeys(ReadOnlySpan<char> query)
    {
        StringBuilder? kept = null;
        var position = 1;
        while (position <= query.Length)
        {
            var length = query[position..].IndexOf('&');
            var pair = length < 0 ? query[position..] : query.Slice(position, length);
            if (IsKey(pair))
            {
                kept ??= new StringBuilder().Append(query[..Math.Max(1, position - 1)]);
            }
            else
            {
                kept?.Append(kept.Length > 1 ? "&" : "").Append(pair);
            }

            position += pair.Length + 1;
        }

        return kept is null ? query : kept.Length > 1 ? kept.ToString() : "";
    }

    /// <summary>The values of <c>Sec-WebSocket-Protocol</c> without keys.</summary>
    internal static StringValues WithoutKeys(StringValues subprotocols)
    {
        var joined = string.Join(',', subprotocols.ToArray());
        return !joined.Contains(SubprotocolPrefix, StringComparison.OrdinalIgnoreCase) ? subprotocols : string.Join(
            ", ",
            joined.Split(',', StringSplitOptions.TrimEntries).Where(one => !one.StartsWith(SubprotocolPrefix, StringComparison.OrdinalIgnoreCase)));
    }

    private static bool IsKey(ReadOnlySpan<char> pair)
    {
        var equals = pair.IndexOf('=');
        var name = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]);
        foreach (var parameter in QueryParameters)
        {
            if (name.Equals(parameter, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
