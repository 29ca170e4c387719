using System.Net;
using CsCheck;

namespace Headroom.Routing.Tests.Policy;

[TestClass]
public sealed class AddressRulesTests
{
    [TestMethod]
    [DataRow("0.0.0.0", "0.255.255.255", null, "1.0.0.0")]
    [DataRow("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0")]
    [DataRow("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0")]
    [DataRow("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0")]
    [DataRow("168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17")]
    [DataRow("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0")]
    [DataRow("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0")]
    [DataRow("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0")]
    [DataRow("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0")]
    [DataRow("192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0")]
    [DataRow("192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0")]
    [DataRow("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0")]
    [DataRow("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0")]
    [DataRow("192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0")]
    [DataRow("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0")]
    [DataRow("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0")]
    [DataRow("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0")]
    [DataRow("224.0.0.0", "239.255.255.255", "223.255.255.255", null)]
    [DataRow("240.0.0.0", "255.255.255.255", null, null)]
    [DataRow("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", null, "2000::")]
    [DataRow("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::")]
    [DataRow("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::")]
    [DataRow("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::")]
    [DataRow("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::")]
    [DataRow("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::")]
    [DataRow("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", null)]
    public void Refuses_a_range_from_its_first_to_its_last_address_and_nothing_beside_it(string first, string last, string? before, string? after)
    {
        Assert.IsFalse(IsPublic(first), first);
        Assert.IsFalse(IsPublic(last), last);
        Assert.IsTrue(before is null || IsPublic(before), before);
        Assert.IsTrue(after is null || IsPublic(after), after);
    }

    [TestMethod]
    [DataRow("::1", DisplayName = "loopback")]
    [DataRow("64:ff9b:1::808:808", DisplayName = "NAT64 for local use, RFC 8215")]
    [DataRow("100::1", DisplayName = "discard-only")]
    [DataRow("100:0:0:1::1", DisplayName = "dummy prefix, RFC 9780")]
    [DataRow("5f00::1", DisplayName = "segment routing")]
    [DataRow("fc00::1", DisplayName = "unique local")]
    [DataRow("fd00:ec2::254", DisplayName = "AWS metadata")]
    [DataRow("fd20:ce::254", DisplayName = "Google Cloud metadata")]
    [DataRow("fe80::1", DisplayName = "link-local")]
    [DataRow("fec0::1", DisplayName = "site-local")]
    [DataRow("ff02::1", DisplayName = "multicast")]
    [DataRow("2001::1", DisplayName = "Teredo")]
    [DataRow("2001:20::1", DisplayName = "ORCHIDv2")]
    public void Refuses_IPv6_that_is_not_global(string address) => Assert.IsFalse(IsPublic(address));

    [TestMethod]
    [DataRow("1.1.1.1")]
    [DataRow("8.8.8.8")]
    [DataRow("104.18.6.192")]
    [DataRow("2606:4700::6812:7c0")]
    [DataRow("2a00:1450:4001:80f::200e")]
    [DataRow("2001:4860:4860::8888")]
    public void Allows_public_addresses(string address) => Assert.IsTrue(IsPublic(address));

    [TestMethod]
    [DataRow("::ffff:8.8.8.8", true)]
    [DataRow("::ffff:127.0.0.2", false)]
    [DataRow("::ffff:10.0.0.1", false)]
    [DataRow("::ffff:a9fe:a9fe", false)]
    [DataRow("64:ff9b::8.8.8.8", true)]
    [DataRow("64:ff9b::7f00:1", false)]
    [DataRow("64:ff9b::10.0.0.1", false)]
    [DataRow("64:ff9b::169.254.169.254", false)]
    [DataRow("64:ff9b::1:808:808", false)]
    public void Judges_mapped_and_NAT64_forms_by_the_address_inside(string address, bool expected) =>
        Assert.AreEqual(expected, IsPublic(address));

    [TestMethod]
    [DataRow("::8.8.8.8", DisplayName = "IPv4-compatible")]
    [DataRow("::ffff:0:8.8.8.8", DisplayName = "SIIT")]
    [DataRow("2002:808:808::1", DisplayName = "6to4")]
    [DataRow("2001:0:808:808::f7f7:f7f7", DisplayName = "Teredo")]
    [DataRow("2606:4700::5efe:808:808", DisplayName = "ISATAP, private interface id")]
    [DataRow("2606:4700::200:5efe:808:808", DisplayName = "ISATAP, global interface id")]
    public void Refuses_other_embeddings_even_of_a_public_address(string address) => Assert.IsFalse(IsPublic(address));

    [TestMethod]
    [DataRow("2606:4700::100:5efe:808:808")]
    [DataRow("2606:4700::1:5efe:808:808")]
    [DataRow("2606:4700:0:5efe::1")]
    public void Allows_look_alikes_of_ISATAP(string address) => Assert.IsTrue(IsPublic(address));

    [TestMethod]
    [DataRow("2606:4700::1111")]
    [DataRow("::ffff:8.8.8.8")]
    [DataRow("64:ff9b::8.8.8.8")]
    public void Refuses_a_zone_id(string address) =>
        Assert.IsFalse(AddressRules.IsPublic(new IPAddress(IPAddress.Parse(address).GetAddressBytes(), scopeid: 3)));

    [TestMethod]
    public void Judges_every_IPv4_address_alike_in_all_its_forms() =>
        Gen.Byte.Array[4].Sample(bytes =>
        {
            var plain = new IPAddress(bytes);
            var nat64 = new IPAddress([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]);
            var expected = AddressRules.IsPublic(plain);
            return AddressRules.IsPublic(plain.MapToIPv6()) == expected
                && AddressRules.IsPublic(nat64) == expected
                && !AddressRules.IsPublic(new IPAddress([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]));
        });

    [TestMethod]
    [DataRow("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0")]
    [DataRow("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::")]
    [DataRow("fd00:ec2::254", "fd00:ec2::254", "fd00:ec2::253", "fd00:ec2::255")]
    [DataRow("fd20:ce::254", "fd20:ce::254", "fd20:ce::253", "fd20:ce::255")]
    [DataRow("100.100.100.200", "100.100.100.200", "100.100.100.199", "100.100.100.201")]
    [DataRow("192.0.0.192", "192.0.0.192", "192.0.0.191", "192.0.0.193")]
    [DataRow("168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17")]
    public void Knows_link_local_and_metadata_addresses(string first, string last, string before, string after)
    {
        Assert.IsTrue(IsLinkLocalOrMetadata(first), first);
        Assert.IsTrue(IsLinkLocalOrMetadata(last), last);
        Assert.IsFalse(IsLinkLocalOrMetadata(before), before);
        Assert.IsFalse(IsLinkLocalOrMetadata(after), after);
    }

    [TestMethod]
    [DataRow("::ffff:169.254.169.254")]
    [DataRow("::ffff:100.100.100.200")]
    [DataRow("64:ff9b::169.254.169.254")]
    [DataRow("64:ff9b::168.63.129.16")]
    public void Knows_link_local_and_metadata_addresses_inside_mapped_and_NAT64_forms(string address) =>
        Assert.IsTrue(IsLinkLocalOrMetadata(address));

    [TestMethod]
    public void Knows_a_link_local_address_with_a_zone() =>
        Assert.IsTrue(AddressRules.IsLinkLocalOrMetadata(new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), scopeid: 3)));

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("10.0.0.5")]
    [DataRow("192.168.1.10")]
    [DataRow("::1")]
    [DataRow("fd12:3456::1")]
    [DataRow("8.8.8.8")]
    public void Leaves_internal_addresses_to_the_operator(string address) => Assert.IsFalse(IsLinkLocalOrMetadata(address));

    [TestMethod]
    public void Judges_without_allocating()
    {
        IPAddress[] addresses = [IPAddress.Loopback, IPAddress.Parse("2606:4700::1111"), IPAddress.Parse("8.8.8.8")];
        JudgeAll(addresses);

        var before = GC.GetAllocatedBytesForCurrentThread();
        JudgeAll(addresses);

        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [TestMethod]
    public void Rejects_null()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => AddressRules.IsPublic(null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => AddressRules.IsLinkLocalOrMetadata(null!));
    }

    private static void JudgeAll(IPAddress[] addresses)
    {
        foreach (var address in addresses)
        {
            AddressRules.IsPublic(address);
            AddressRules.IsLinkLocalOrMetadata(address);
        }
    }

    private static bool IsPublic(string address) => AddressRules.IsPublic(IPAddress.Parse(address));

    private static bool IsLinkLocalOrMetadata(string address) => AddressRules.IsLinkLocalOrMetadata(IPAddress.Parse(address));
}
