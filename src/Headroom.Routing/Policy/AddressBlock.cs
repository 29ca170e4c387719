using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.Policy;

/// <summary>
/// A block of addresses in CIDR notation. IPv4 lives at its IPv4-mapped place, <c>::ffff:0:0/96</c> (RFC 4291, 2.5.5.2),
/// so that one integer holds an address of either family.
/// </summary>
internal readonly struct AddressBlock
{
    private readonly UInt128 _prefix;
    private readonly int _hostBits;

    /// <exception cref="FormatException"><paramref name="cidr"/> is not a network.</exception>
    public AddressBlock(string cidr)
    {
        var network = IPNetwork.Parse(cidr);
        var width = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        _hostBits = width - network.PrefixLength;
        _prefix = ToNumber(network.BaseAddress) >> _hostBits;
    }

    public bool Contains(UInt128 address) => address >> _hostBits == _prefix;

    public static bool AnyContains(ReadOnlySpan<AddressBlock> blocks, UInt128 address)
    {
        foreach (var block in blocks)
        {
            if (block.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    public static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4 ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes)) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static UInt128 FromIPv4(uint address) => new(0, 0xffff_0000_0000UL | address);
}
