using System.Net.Http.Headers;

namespace Headroom.Routing.Testing;

/// <summary>A request as it arrived at the sweep's listener.</summary>
/// <param name="Head">The request line and the headers.</param>
internal sealed record SweepArrival(string Head)
{
    private static readonly string[] Credentials = ["Authorization", "Proxy-Authorization", "Cookie", "api-key", "x-api-key", "x-goog-api-key"];

    /// <summary>Finds what should have stayed in the gateway.</summary>
    /// <param name="sent">The headers that the caller sent.</param>
    /// <param name="own">Those of them that are for the gateway alone.</param>
    /// <param name="secrets">Values that nobody but the operator's own upstreams may get.</param>
    internal IEnumerable<string> FindLeaks(HttpRequestHeaders sent, IReadOnlyCollection<string> own, IEnumerable<string> secrets)
    {
        var headers = Head.Split("\r\n").Skip(1).Where(line => line.Contains(':', StringComparison.Ordinal)).Select(line => line.Split(':', 2)).ToArray();
        foreach (var name in headers.Select(header => header[0]).Where(name => HeadroomHeaders.IsControl(name)))
        {
            yield return $"the control header {name} was forwarded";
        }

        foreach (var header in headers)
        {
            var (name, value) = (header[0], header[1].Trim());
            var values = sent.NonValidated.TryGetValues(name, out var given) ? given.ToString() : "";
            if (own.Contains(name, StringComparer.OrdinalIgnoreCase) && value == values)
            {
                yield return $"{name} was forwarded, by which the caller authenticates to the gateway";
            }
            else if (Credentials.Contains(name, StringComparer.OrdinalIgnoreCase) && value != values)
            {
                yield return $"a credential was sent in {name} that is not the caller's, to an upstream that the caller named by URL";
            }
        }

        if (secrets.Any(secret => secret.Length > 0 && Head.Contains(secret, StringComparison.Ordinal)))
        {
            yield return "a secret of the operator's was sent to an upstream that the caller named by URL";
        }
    }
}
