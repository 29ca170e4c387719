using System.Buffers.Text;
using System.Text;

namespace Headroom.Routing.Tests;

/// <summary>Tokens of the form of a JSON Web Token (RFC 7519); the signature is nobody's concern here.</summary>
internal static class Jwt
{
    /// <summary>The token of a ChatGPT account.</summary>
    public static string OfLogin { get; } = With("""{"sub":"u","https://api.openai.com/auth":{"plan":"plus","chatgpt_account_id":"acct-1"}}""");

    public static string With(string claims) =>
        $"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";
}
