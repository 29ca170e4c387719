using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.Testing;

/// <summary>Values that have been tried against proxies whose callers choose the upstream. The lists are data rows for any test framework.</summary>
public static class HostilePayloads
{
    /// <summary>Gets values that all lead to one listener if a gateway accepts them. None of them needs a DNS lookup.</summary>
    /// <param name="listener">An IPv4 address and a port of this machine.</param>
    /// <param name="allowed">A host that callers may name, for the values that look like it.</param>
    /// <returns>The values.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="listener"/> is not IPv4.</exception>
    public static IReadOnlyList<HostilePayload> AimedAt(IPEndPoint listener, string allowed = "api.openai.com")
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(allowed);
        if (listener.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new ArgumentException("An IPv4 address has the spellings that are tried.", nameof(listener));
        }

        var port = listener.Port;
        return
        [
            new("address", $"http://{listener}", IsMalformed: false),
            .. listener.Address.Equals(IPAddress.Loopback) ? [new("address", $"http://0.0.0.0:{port}", IsMalformed: false)] : Array.Empty<HostilePayload>(),
            .. Spellings(listener.Address).Select(host => new HostilePayload("address spelling", $"http://{host}:{port}", IsMalformed: true)),
            .. Embeddings(listener.Address).Select(host => new HostilePayload("IPv6", $"http://[{host}]:{port}", IsMalformed: false)),
            .. Disguises(listener.Address.ToString()).Select(host => new HostilePayload("Unicode", $"http://{host}:{port}", IsMalformed: true)),
            .. LoopbackNames(listener.Address).Select(host => new HostilePayload("name", $"http://{host}:{port}", IsMalformed: false)),
            new("scheme", $"https://{listener}", IsMalformed: false),
            new("scheme", $"HtTp://{listener}", IsMalformed: false),
            new("path", $"http://{listener}/v1", IsMalformed: false),
            new("path", $"http://{listener}/;params", IsMalformed: false),
            new("path", $"http://{listener}//{allowed}", IsMalformed: false),
            new("padded", $"   http://{listener}   ", IsMalformed: false),
            .. Malformed(listener.ToString(), allowed),
        ];
    }

    /// <summary>URLs of addresses that no caller may reach: metadata services, private networks, this machine. They are refused before anything is dialed (403).</summary>
    public static IReadOnlyList<string> InternalAddresses { get; } =
    [
        "http://169.254.169.254", "http://169.254.170.2",
        "http://[::ffff:169.254.169.254]", "http://[64:ff9b::a9fe:a9fe]", "http://[2002:a9fe:a9fe::]", "http://[::169.254.169.254]", "http://[fd00:ec2::254]",
        "http://[fd20:ce::254]", "http://[fe80::1]", "http://100.100.100.200", "http://192.0.0.192", "http://168.63.129.16",
        "http://10.0.0.1", "http://172.16.0.1", "http://172.31.255.255", "http://192.168.1.1", "http://100.64.0.1", "http://127.0.0.1", "http://127.255.255.254",
        "http://0.0.0.0", "http://198.18.0.1", "http://224.0.0.1", "http://255.255.255.255", "http://[::]", "http://[::1]", "http://[fc00::1]",
        "http://[ff02::1]", "http://[2001:db8::1]", "http://[2001::1]", "http://[3fff::1]",
        "http://localhost", "http://metadata.google.internal", "http://metadata.goog", "http://metadata.azure.com", "http://instance-data.ec2.internal",
        "http://host.docker.internal", "http://kubernetes.default.svc", "http://router.lan", "http://printer.local", "http://intranet", "http://db.corp",
    ];

    /// <summary>Gets URLs that look like an allowed origin but have another one (403).</summary>
    /// <param name="allowed">The host that callers may name, over https on the default port.</param>
    /// <returns>For a name, other schemes, ports and names; for an IP address, other schemes and ports. Never the allowed origin itself.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="allowed"/> is null.</exception>
    public static IReadOnlyList<string> LookalikesOf(string allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        allowed = allowed.ToLowerInvariant();
        string[] origins = [$"http://{allowed}", $"https://{allowed}:8443", $"https://{allowed}:80"];
        if (IPAddress.TryParse(allowed, out _))
        {
            return origins;
        }

        return
        [
            .. origins, $"https://{allowed}.evil.example", $"https://evil-{allowed}", $"https://evil{allowed}",
            $"https://sub.{allowed}", $"https://{allowed}evil.example", $"https://www.{allowed}",
            .. new[] { allowed.Replace('.', '-'), allowed[(allowed.IndexOf('.', StringComparison.Ordinal) + 1)..] }
                .Concat(Homoglyphs.Select(letter => allowed.Replace(letter.Latin, letter.Other)))
                .Where(host => host != allowed)
                .Select(host => $"https://{host}"),
        ];
    }

    // Letters of other alphabets that look like Latin ones.
    private static readonly (char Latin, char Other)[] Homoglyphs =
    [
        ('a', '\u0430'), ('o', '\u03bf'), ('e', '\u0435'), ('i', '\u0456'), ('c', '\u0441'), ('p', '\u0440'), ('x', '\u0445'), ('y', '\u0443'), ('s', '\u0455'),
    ];

    // These lead to 127.0.0.1 and to no other address of the machine.
    private static string[] LoopbackNames(IPAddress address) => address.Equals(IPAddress.Loopback)
        ? ["localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "ip6-localhost", "loopback", .. DisguisedNames]
        : [];

    private static IEnumerable<string> Spellings(IPAddress address)
    {
        var b = address.GetAddressBytes();
        var number = BinaryPrimitives.ReadUInt32BigEndian(b);
        var octal = Convert.ToString(number, 8);
        return
        [
            $"{address}.", number.ToString(CultureInfo.InvariantCulture), $"0x{number:x8}", $"0X{number:X8}", $"0{octal}", $"000{octal}",
            $"{b[0]}.{number & 0xff_ffff}", $"{b[0]}.{b[1]}.{number & 0xffff}", $"0x{b[0]:x}.0x{b[1]:x}.0x{b[2]:x}.0x{b[3]:x}",
            $"0{Convert.ToString(b[0], 8)}.{b[1]}.{b[2]}.{b[3]}", $"{b[0]}.0x{number & 0xff_ffff:x}",
            $"{b[0]}.{b[1]}.{b[2]}.0{Convert.ToString(b[3], 8)}", $"0000{address}", $"{address}.0x", $"{address}.1",
            .. address.Equals(IPAddress.Loopback) ? ["0", "0x", "0.0"] : Array.Empty<string>(),
        ];
    }

    private static IEnumerable<string> Embeddings(IPAddress address)
    {
        var b = address.GetAddressBytes();
        var (high, low) = ($"{b[0]:x2}{b[1]:x2}", $"{b[2]:x2}{b[3]:x2}");
        return
        [
            .. address.Equals(IPAddress.Loopback) ? ["::1", "0:0:0:0:0:0:0:1", "::"] : Array.Empty<string>(), $"::ffff:{address}", $"::ffff:{high}:{low}", $"::{address}", $"64:ff9b::{address}", $"64:ff9b::{high}:{low}",
            $"2002:{high}:{low}::", $"2001:0:{high}:{low}::1", $"fe80::5efe:{address}", $"::ffff:0:{address}",
        ];
    }

    // A machine may read other digits and other dots as if they were plain.
    private static IEnumerable<string> Disguises(string address) =>
    [
        string.Concat(address.Select(c => char.IsAsciiDigit(c) ? (char)('\uff10' + c - '0') : c)),
        address.Replace('.', '\u3002'), address.Replace('.', '\uff0e'), address.Replace('.', '\uff61'),
    ];

    // The same for letters, and for invisible characters.
    private static readonly string[] DisguisedNames = ["local\u00adhost", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", "\uff4cocalhost"];

    private static IEnumerable<HostilePayload> Malformed(string listener, string allowed)
    {
        var port = listener[(listener.IndexOf(':', StringComparison.Ordinal) + 1)..];
        (string Class, string Value)[] values =
        [
            ("user info", $"http://user@{listener}"), ("user info", $"http://user:pass@{listener}"), ("user info", $"http://{allowed}@{listener}"),
            ("user info", $"http://{allowed}:443@{listener}"), ("user info", $"http://@{listener}"), ("user info", $"http://{listener}@{allowed}@{listener}"),
            ("fragment", $"http://{listener}#@{allowed}"), ("fragment", $"http://{listener}/#/v1"), ("fragment", $"http://{listener}#"),
            ("query", $"http://{listener}?"), ("query", $"http://{listener}/v1?key=1"), ("query", $"http://{listener}?@{allowed}"),
            ("backslash", $@"http://{allowed}\@{listener}"), ("backslash", $@"http:\\{listener}"), ("backslash", $@"http://{listener}\v1"), ("backslash", $@"http://{allowed}\.{listener}"),
            ("dot segment", $"http://{listener}/v1/../admin"), ("dot segment", $"http://{listener}/."), ("dot segment", $"http://{listener}/.."),
            ("dot segment", $"http://{listener}/%2e%2e/admin"), ("dot segment", $"http://{listener}/%252e%252E/admin"), ("dot segment", $"http://{listener}/%25252e%25252e/admin"),
            ("dot segment", $"http://{listener}/v1%2f..%2fadmin"), ("dot segment", $"http://{listener}/v1/..;x/admin"), ("dot segment", $"http://{listener}/v1/..%5cadmin"),
            ("dot segment", $"http://{listener}/%25%32%65%25%32%65/admin"),
            ("port", $"http://{listener}0000"), ("port", $"http://{listener}:{port}"), ("port", $"http://127.0.0.1:-{port}"), ("port", $"http://127.0.0.1:+{port}"),
            ("port", $"http://127.0.0.1:0x{port}"), ("port", "http://127.0.0.1:"), ("port", "http://127.0.0.1:0"), ("port", "http://127.0.0.1:65536"),
            ("port", $"http://127.0.0.1:\u0661{port}"), ("port", "http://127.0.0.1:4294967376"),
            ("scheme", $"ws://{listener}"), ("scheme", $"wss://{listener}"), ("scheme", $"ftp://{listener}"), ("scheme", $"gopher://{listener}/_"), ("scheme", "file:///etc/passwd"),
            ("scheme", $"unix://{listener}"), ("scheme", $"//{listener}"), ("scheme", $"http:{listener}"), ("scheme", $"http:/{listener}"), ("scheme", $"http:///{listener}"),
            ("scheme", $"://{listener}"), ("scheme", $"url:http://{listener}"), ("scheme", listener), ("scheme", "javascript:alert(1)"), ("scheme", $"jar:http://{listener}!/"),
            ("host", $"http://{listener[..^(port.Length + 1)]}%00.{allowed}:{port}"), ("host", $"http://127.0.0.1%23.{allowed}:{port}"), ("host", $"http://[::1%25lo]:{port}"),
            ("host", $"http://[::1]x:{port}"), ("host", $"http://[::1]:{port}]"), ("host", $"http://[{listener}"), ("host", "http://"), ("host", $"http://:{port}"),
            ("host", $"http://[]:{port}"), ("host", $"http://.:{port}"), ("host", $"http://127.0.0.1..:{port}"),
            ("inner blank", $"http://{allowed} .{listener}"), ("inner blank", $"http://{listener} {allowed}"), ("inner blank", $"http://{listener}\t/v1"), ("inner blank", $"http://\u00a0.{listener}"),
            ("joined", $"http://{listener},https://{allowed}"), ("joined", $"https://{allowed}, http://{listener}"), ("joined", $"http://{listener},"),
            ("too long", $"http://{listener}/{new string('a', 2048)}"), ("name", "no-such-upstream"),
        ];
        return values.Select(value => new HostilePayload(value.Class, value.Value, IsMalformed: true));
    }
}
