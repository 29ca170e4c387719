using CsCheck;

namespace Headroom.Routing.Tests.Security;

/// <summary>Makes URLs that are nearly right: a grammar whose every place may hold a hostile piece, and edits of what it makes.</summary>
internal static class HostileUrls
{
    private static readonly Gen<string> Scheme = Gen.Frequency(
        (8, AnyOf("http", "https")),
        (2, AnyOf("HTTP", "hTtPs", "ftp", "ws", "", "file", "http:http", "\uff48ttp", "https\0")));

    private static readonly Gen<string> SchemeEnd = Gen.Frequency((12, Gen.Const("://")), (1, AnyOf(":", ":/", ":///", @":\\", "//", ":\t//", "://@")));

    private static readonly Gen<string> UserInfo = Gen.Frequency((12, Gen.Const("")), (1, AnyOf("u@", "u:p@", "api.openai.com@", "@", "a%40b@")));

    private static readonly Gen<string> Label = AnyOf(
        "api", "openai", "com", "example", "localhost", "127", "0", "1", "0x7f", "0177", "256", "2130706433", "0x7f000001", "017700000001", "xn--bcher-kva", "xn--", "xn--a",
        "b\u00fccher", "\u0661\u0662\u0667", "\uff11\uff12\uff17", "lo\u00adcalhost", "\u24dbocalhost", "\u2100", "\ufe55", "\u212a", "\u0130", "\u00df", "\u200b", "\u2028", "\ud83d\ude00", "\ud800",
        "\uff0f", "\uff20", "\uff1a", "\uff03", "\uff05", "\u2024", "a_b", "-", "a-", "*", "%31", "%2e", "[", "]", "[::1]", "::1", "a b", "\t", "\0", "", "evil", "internal", "A", "Z9", "~", "!", "$", "'", "(", "+", "=", ";", "|", "^", "`", "{", "\"", "<");

    private static readonly Gen<string> Dot = Gen.Frequency((10, Gen.Const(".")), (1, AnyOf("..", "\u3002", "\uff0e", "\uff61", "", "\u2024")));

    private static readonly Gen<string> Name = Gen.Select(Label.Array[1, 4], Dot.Array[3], AnyOf("", "", "", ".", "..", "\u3002"))
        .Select((labels, dots, end) => string.Concat(labels.Select((label, i) => i == 0 ? label : dots[i - 1] + label)) + end);

    private static readonly Gen<string> Address = Gen.Frequency(
        (3, Gen.Byte.Array[4].Select(b => string.Join('.', b))),
        (1, Gen.UInt.Select(number => $"{number}")),
        (1, Gen.UInt.Select(number => $"0x{number:x}")),
        (1, Gen.UInt.Select(number => "0" + Convert.ToString(number, 8))),
        (1, Gen.UShort.Array[8].Select(groups => $"[{string.Join(':', groups.Select(group => $"{group:x}"))}]")),
        (1, Gen.Byte.Array[4].Select(b => $"[::ffff:{string.Join('.', b)}]")),
        (1, Gen.Byte.Array[4].Select(b => $"[64:ff9b::{string.Join('.', b)}]")),
        (1, AnyOf("[::1]", "[::]", "[fe80::1%25lo]", "[fe80::1%lo]", "[::1]x", "[::1", "::1]", "[]", "[v1.x]", "[::1]]", "[[::1]]", "[0:0:0:0:0:0:0:00001]", "[::127.1]")));

    private static readonly Gen<string> Port = Gen.Frequency(
        (6, Gen.Const("")),
        (3, Gen.Int[1, 65535].Select(port => $":{port}")),
        (2, AnyOf(":", ":0", ":00", ":0080", ":65536", ":-1", ":+1", ": 80", ":80 ", ":\u0661", ":1e3", ":0x50", ":443:80", ":99999999999999999999", ":443")));

    private static readonly Gen<string> Segment = AnyOf(
        "v1", "v1beta", "V1", "v4", "v", "api", "chat", "completions", "messages", "models", "upstream", "@deepseek", "@http:", "projects", "locations", "169.254.169.254%23",
        ".", "..", "...", "%2e", "%2E%2e", "%252e%252e", "%25252e%25252e", "%25%32%65", "..;", "..;x", ";..", "%2f", "%5c", "%2f..%2f", "..%5c", "%00", "%", "%zz", "a%20b", "a b", "a\\b",
        "a#b", "a?b", "\u00e9", "", "evil.example", "\u2025", "\uff0e\uff0e", "a:b", "a@b", "~", "{x}", "|", "\t", "\r\n", "\0", "v1internal:x");

    private static readonly Gen<string> Path = Segment.Array[0, 5].Select(segments => string.Concat(segments.Select(segment => "/" + segment)));

    private static readonly Gen<string> Tail = Gen.Frequency((12, Gen.Const("")), (2, AnyOf("?", "?a=b", "#", "#@evil", "/", "//", "?#", ";p", " ", "  ", ",", ", https://b.example", "\\")));

    private static readonly Gen<string> Whole = Gen.Select(Scheme, SchemeEnd, UserInfo, Gen.OneOf(Name, Address), Port, Path, Tail)
        .Select((scheme, end, user, host, port, path, tail) => scheme + end + user + host + port + path + tail);

    /// <summary>Values for the header.</summary>
    internal static Gen<string> Overrides { get; } = Gen.Frequency((4, Whole), (1, Mutated(Whole)), (1, AnyOf("openai", "deepseek", "local", "", " ", "x y", "@", "a,b")));

    /// <summary>Targets of a request line: path and query.</summary>
    internal static Gen<string> Targets { get; } = Gen.Select(Path, AnyOf("", "", "?a=b", "?", "?@evil", "?a#b", "?a\\b", "?\u00e9"), AnyOf("", "", "/", "//evil.example"))
        .Select((path, query, end) => path + end + query);

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    // An edit in the middle of what was right before finds what a grammar does not think of.
    private static Gen<string> Mutated(Gen<string> urls) =>
        Gen.Select(urls, Gen.Int[0, 200], Gen.Int[0, 2], Gen.Char).Select((url, at, kind, c) =>
        {
            at = url.Length == 0 ? 0 : at % url.Length;
            return kind switch
            {
                0 => url.Insert(at, $"{c}"),
                1 => url.Length == 0 ? url : url.Remove(at, 1),
                _ => url.Length == 0 ? url : url.Remove(at, 1).Insert(at, $"{c}"),
            };
        });
}
