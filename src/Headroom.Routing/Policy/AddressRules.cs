using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing;

/// <summary>
/// Which addresses a request may be sent to. The ranges follow the special-purpose address registries of IANA
/// (RFC 6890), and add what cloud platforms serve metadata and credentials on.
/// </summary>
public static class AddressRules
{
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96"); // RFC 6052, 2.1: the well-known prefix
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3"); // RFC 4291, 2.4; all of IPv6 that is routed

    private static readonly IPNetwork[] NotPublic =
    [
        IPNetwork.Parse("0.0.0.0/8"), // RFC 791, 3.2: "this network"; 0.0.0.0 connects to the machine itself
        IPNetwork.Parse("10.0.0.0/8"), // RFC 1918: private
        IPNetwork.Parse("100.64.0.0/10"), // RFC 6598: shared by a carrier; some clouds serve metadata here
        IPNetwork.Parse("127.0.0.0/8"), // RFC 1122, 3.2.1.3: loopback
        IPNetwork.Parse("169.254.0.0/16"), // RFC 3927: link-local; metadata of most clouds
        IPNetwork.Parse("172.16.0.0/12"), // RFC 1918: private
        IPNetwork.Parse("192.0.0.0/24"), // RFC 6890, 2.1: protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // RFC 5737: documentation
        IPNetwork.Parse("192.31.196.0/24"), // RFC 7535: AS112, answered by whoever is nearest
        IPNetwork.Parse("192.52.193.0/24"), // RFC 7450: automatic multicast tunneling
        IPNetwork.Parse("192.88.99.0/24"), // RFC 7526: 6to4 relays, deprecated
        IPNetwork.Parse("192.168.0.0/16"), // RFC 1918: private
        IPNetwork.Parse("192.175.48.0/24"), // RFC 7534: AS112, answered by whoever is nearest
        IPNetwork.Parse("198.18.0.0/15"), // RFC 2544: benchmarks of network devices
        IPNetwork.Parse("198.51.100.0/24"), // RFC 5737: documentation
        IPNetwork.Parse("203.0.113.0/24"), // RFC 5737: documentation
        IPNetwork.Parse("224.0.0.0/4"), // RFC 5771: multicast
        IPNetwork.Parse("240.0.0.0/4"), // RFC 1112, 4: reserved; holds the broadcast address (RFC 919)
        IPNetwork.Parse("168.63.129.16/32"), // Azure's wire server: a public number that never leaves the host

        IPNetwork.Parse("2001::/23"), // RFC 2928: protocol assignments; holds Teredo (RFC 4380) and ORCHID (RFC 7343)
        IPNetwork.Parse("2001:db8::/32"), // RFC 3849: documentation
        IPNetwork.Parse("2002::/16"), // RFC 3056: 6to4, an IPv4 address in disguise
        IPNetwork.Parse("2620:4f:8000::/48"), // RFC 7534: AS112, answered by whoever is nearest
        IPNetwork.Parse("3fff::/20"), // RFC 9637: documentation
    ];

    private static readonly IPNetwork[] LinkLocalOrMetadata =
    [
        IPNetwork.Parse("169.254.0.0/16"), // RFC 3927: link-local; metadata of AWS, Azure, Google Cloud and most others
        IPNetwork.Parse("fe80::/10"), // RFC 4291, 2.5.6: link-local
        IPNetwork.Parse("fd00:ec2::254/128"), // AWS metadata
        IPNetwork.Parse("fd20:ce::254/128"), // Google Cloud metadata
        IPNetwork.Parse("100.100.100.200/32"), // Alibaba Cloud metadata
        IPNetwork.Parse("192.0.0.192/32"), // Oracle Cloud metadata
        IPNetwork.Parse("168.63.129.16/32"), // Azure's wire server
    ];

    /// <summary>
    /// Whether an address is one of the public Internet: the rule for destinations that a caller chose. IPv4-mapped
    /// (RFC 4291) and NAT64 (RFC 6052) forms are judged by the IPv4 address they carry. Other forms that carry one
    /// (IPv4-compatible, SIIT, 6to4, Teredo, ISATAP) and scoped addresses are not public.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <returns>Whether it is public.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="address"/> is null.</exception>
    public static bool IsPublic(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);

        // A zone id (RFC 4007) names an interface of this machine: no public address needs one.
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
        {
            return false;
        }

        address = Unwrap(address);
        return (address.AddressFamily == AddressFamily.InterNetwork || (GlobalUnicast.Contains(address) && !IsIsatap(address)))
            && !IsIn(NotPublic, address);
    }

    /// <summary>
    /// Whether an address is link-local or serves a cloud's metadata or credentials: the few that even a name chosen by
    /// the operator may not resolve to. IPv4-mapped and NAT64 forms are judged by the IPv4 address they carry.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <returns>Whether it is one of these.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="address"/> is null.</exception>
    public static bool IsLinkLocalOrMetadata(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return IsIn(LinkLocalOrMetadata, Unwrap(address));
    }

    /// <summary>The rule for a destination, in words.</summary>
    internal static string Describe(UpstreamTrust trust) => trust == UpstreamTrust.Operator
        ? "internal addresses are allowed, but its name must not lead to a link-local or metadata address"
        : "every address of it must be public";

    private static bool IsIn(IPNetwork[] networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static IPAddress Unwrap(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : Nat64.Contains(address) ? FromNat64(address)
        : address;

    private static IPAddress FromNat64(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return new IPAddress(bytes[12..]);
    }

    // RFC 5214, 6.1: the interface id is 0:5efe or 200:5efe followed by an IPv4 address.
    private static bool IsIsatap(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out _) && bytes[8..12] is [0 or 2, 0, 0x5e, 0xfe];
    }
}
