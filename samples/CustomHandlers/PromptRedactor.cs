using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Headroom.CustomHandlers;

/// <summary>Replaces e-mail addresses and card numbers in the strings of a JSON text. Every other byte of it stays as it was.</summary>
internal static class PromptRedactor
{
    // A prompt can be anything, so these must take no longer for some texts than for others of the same length.
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex EmailAddress = new(@"[\w.%+-]+@[\w-]+(\.[\w-]+)+", Linear);

    private static readonly Regex CardNumber = new(
        @"\b([0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{1,7}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}|[0-9]{13,19})\b", Linear);

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 256 };

    /// <param name="json">The text, in UTF-8.</param>
    /// <returns>The redacted text; the same array if there is nothing to redact.</returns>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static byte[] Redact(byte[] json)
    {
        var output = new ArrayBufferWriter<byte>();
        var copied = 0;
        var reader = new Utf8JsonReader(json, Strict);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                continue;
            }

            var text = TextOf(reader);
            var redacted = Redact(text);
            if (redacted != text)
            {
                output.Write(json.AsSpan(copied, (int)reader.TokenStartIndex - copied));
                output.Write("\""u8);
                output.Write(JsonEncodedText.Encode(redacted, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
                output.Write("\""u8);
                copied = (int)reader.BytesConsumed;
            }
        }

        if (copied == 0)
        {
            return json;
        }

        output.Write(json.AsSpan(copied));
        return output.WrittenSpan.ToArray();
    }

    private static string Redact(string text) =>
        CardNumber.Replace(EmailAddress.Replace(text, "[e-mail]"), match => HasCheckDigit(match.ValueSpan) ? "[card number]" : match.Value);

    private static string TextOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException notText)
        {
            throw new JsonException("A string is not valid Unicode.", notText);
        }
    }

    // The Luhn algorithm (ISO/IEC 7812-1): identifiers and times have as many digits, and nine of ten of them fail it.
    private static bool HasCheckDigit(ReadOnlySpan<char> number)
    {
        var sum = 0;
        var doubles = false;
        for (var i = number.Length - 1; i >= 0; i--)
        {
            if (char.IsAsciiDigit(number[i]))
            {
                var digit = (number[i] - '0') * (doubles ? 2 : 1);
                sum += digit > 9 ? digit - 9 : digit;
                doubles = !doubles;
            }
        }

        return sum % 10 == 0;
    }
}
