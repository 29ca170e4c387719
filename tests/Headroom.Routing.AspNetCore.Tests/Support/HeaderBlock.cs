using System.Globalization;
using System.Text;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>
/// The part of HPACK (RFC 7541) that <see cref="RawHttp2Client"/> needs: writing headers literally, and reading the status, which is always
/// the first header of a response.
/// </summary>
internal static class HeaderBlock
{
    private const int StatusIndex = 8;

    // Static table, indices 8 to 14 (RFC 7541, appendix A).
    private static readonly int[] IndexedStatus = [200, 204, 206, 304, 400, 404, 500];

    /// <summary>Literal fields without indexing, without Huffman coding and with literal names: any byte can stand in any value.</summary>
    public static byte[] Encode(IEnumerable<(string Name, string Value)> headers)
    {
        using var block = new MemoryStream();
        foreach ((var name, var value) in headers)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        return block.ToArray();
    }

    public static int Status(ReadOnlySpan<byte> block)
    {
        // A sender that is told to do without a dynamic table may confirm it first (001xxxxx).
        while ((block[0] & 0b1110_0000) == 0b0010_0000)
        {
            ReadInteger(ref block, prefixBits: 5);
        }

        if ((block[0] & 0b1000_0000) != 0)
        {
            var index = ReadInteger(ref block, prefixBits: 7);
            return index - StatusIndex is >= 0 and < 7 and var at ? IndexedStatus[at] : throw Unreadable($"field {index} of the table");
        }

        var name = ReadInteger(ref block, prefixBits: (block[0] & 0b0100_0000) != 0 ? 6 : 4);
        if (name is < StatusIndex or >= StatusIndex + 7)
        {
            throw Unreadable($"a field with name {name}");
        }

        var huffman = (block[0] & 0b1000_0000) != 0;
        var length = ReadInteger(ref block, prefixBits: 7);
        var digits = huffman ? HuffmanDigits(block[..length]) : Encoding.ASCII.GetString(block[..length]);
        return int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static void WriteText(MemoryStream block, string text)
    {
        var octets = Octets.Of(text);
        if (octets.Length < 127)
        {
            block.WriteByte((byte)octets.Length);
        }
        else
        {
            block.WriteByte(127);
            var rest = octets.Length - 127;
            for (; rest >= 128; rest >>= 7)
            {
                block.WriteByte((byte)(rest & 0x7f | 0x80));
            }

            block.WriteByte((byte)rest);
        }

        block.Write(octets);
    }

    // RFC 7541, section 5.1.
    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        var mask = (1 << prefixBits) - 1;
        var value = block[0] & mask;
        block = block[1..];
        if (value < mask)
        {
            return value;
        }

        for (var shift = 0; ; shift += 7)
        {
            var octet = block[0];
            block = block[1..];
            value += (octet & 0x7f) << shift;
            if ((octet & 0x80) == 0)
            {
                return value;
            }
        }
    }

    // Digits alone (RFC 7541, appendix B): 0, 1 and 2 are five bits, 00000 to 00010; 3 to 9 are six, 011001 to 011111. Ones fill the last byte.
    private static string HuffmanDigits(ReadOnlySpan<byte> octets)
    {
        var bits = string.Concat(octets.ToArray().Select(octet => octet.ToString("b8", CultureInfo.InvariantCulture)));
        var digits = new StringBuilder();
        for (var at = 0; bits[at..].Contains('0', StringComparison.Ordinal);)
        {
            var five = Convert.ToInt32(bits.Substring(at, 5), 2);
            var digit = five <= 2 ? five : Convert.ToInt32(bits.Substring(at, 6), 2) - 0b011001 + 3;
            digits.Append(digit is >= 0 and <= 9 ? digit : throw Unreadable("a Huffman code that is no digit's"));
            at += five <= 2 ? 5 : 6;
        }

        return digits.ToString();
    }

    private static InvalidDataException Unreadable(string what) => new($"The header block begins with {what}, not with a status.");
}
