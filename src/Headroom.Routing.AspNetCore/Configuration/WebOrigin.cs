using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>The origin of web pages, as an operator writes it and as a browser sends it (RFC 6454, section 6.2).</summary>
internal static class WebOrigin
{
    /// <summary>Stands for every origin.</summary>
    internal const string Any = "*";

    /// <summary>Reads an origin or <see cref="Any"/>.</summary>
    /// <param name="text">The origin, in any case, with or without its default port and a slash at the end.</param>
    /// <param name="origin">What a browser sends for it.</param>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out string? origin)
    {
        origin = null;
        text = text?.Trim();
        if (text is Any)
        {
            origin = Any;
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri is { PathAndQuery: "/" or "", UserInfo: "", Fragment: "" }
            && uri.Host.Length > 0
            && !text!.Contains('*', StringComparison.Ordinal))
        {
            // IdnHost knows no brackets around IPv6 addresses.
            var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
            origin = $"{uri.Scheme}://{host.ToLowerInvariant()}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}";
        }

        return origin is not null;
    }
}
