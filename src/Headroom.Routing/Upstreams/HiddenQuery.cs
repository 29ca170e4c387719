using System.Text;

namespace Headroom.Routing.Upstreams;

/// <summary>How a URL, or a path, is shown to a person: without the values of its query, because one of them may be a key.</summary>
internal static class HiddenQuery
{
    private const string Hidden = "...";

    // Shorter than any provider's key, which may stand where a parameter's name is expected.
    private const int MaxName = 30;

    /// <summary>The URL with its query's names and without their values.</summary>
    internal static string In(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
        {
            return url;
        }

        var shown = new StringBuilder(url, 0, query, capacity: url.Length);
        var separator = '?';
        foreach (var range in url.AsSpan(query + 1).Split('&'))
        {
            Append(shown.Append(separator), url.AsSpan(query + 1)[range]);
            separator = '&';
        }

        return shown.ToString();
    }

    private static void Append(StringBuilder shown, ReadOnlySpan<char> parameter)
    {
        var name = parameter.IndexOf('=') + 1;
        if (name is > 0 and <= MaxName + 1)
        {
            shown.Append(parameter[..name]);
            parameter = parameter[name..];
        }

        if (!parameter.IsEmpty)
        {
            shown.Append(Hidden);
        }
    }
}
