namespace Headroom.Routing.Policy;

/// <summary>
/// Names that never belong to a public upstream. They are refused before they are resolved, because what they resolve to depends on the machine's
/// network, and the lookup itself would already reveal something.
/// </summary>
internal static class RefusedNames
{
    private static readonly string[] Suffixes =
    [
        ".localhost", // RFC 6761, 6.3
        ".local", // RFC 6762; holds Kubernetes' cluster.local
        ".localdomain",
        ".internal", // reserved by ICANN for private use; holds metadata.google.internal and host.docker.internal
        ".intranet",
        ".private",
        ".corp", // .corp, .home: never to be delegated (ICANN, 2018), widely used inside
        ".home",
        ".lan",
        ".svc", // Kubernetes services by their short name
        ".arpa", // RFC 3172: infrastructure; holds home.arpa (RFC 8375)
        ".test", // RFC 6761, 6.2
        ".invalid", // RFC 6761, 6.4
        ".onion", // RFC 7686
    ];

    private static readonly string[] Metadata =
    [
        "metadata.goog",
        "metadata.azure.com",
        "metadata.tencentyun.com",
        "metadata.packet.net",
    ];

    /// <summary>Whether a name is refused for a destination that a caller chose.</summary>
    /// <param name="host">An ASCII (IDN) host that is not an IP literal. Case and trailing dots are ignored.</param>
    public static bool IsRefused(ReadOnlySpan<char> host)
    {
        host = host.TrimEnd('.');

        // A single label resolves only by the machine's own search list or hosts file.
        if (!host.Contains('.'))
        {
            return true;
        }

        foreach (var suffix in Suffixes)
        {
            if (host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (var name in Metadata)
        {
            if (host.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        // AWS: instance-data.ec2.internal, instance-data.<region>.compute.internal and what a search list makes of them.
        return host.StartsWith("instance-data", StringComparison.OrdinalIgnoreCase);
    }
}
