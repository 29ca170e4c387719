using System.Buffers.Text;
using System.Text;
using Headroom.Routing.Providers;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Tests.Providers;

/// <summary>What counts as a ChatGPT login: its token must reach chatgpt.com alone, and nothing else may be taken for one.</summary>
[TestClass]
public class SubscriptionLoginTests
{
    private const string Account = """{"sub":"u","https://api.openai.com/auth":{"plan":{"x":[1]},"chatgpt_account_id":"acct"}}""";
    private const string NoAccount = """{"sub":"u"}""";

    [TestMethod]
    [DataRow("Bearer ")]
    [DataRow("bearer ")]
    [DataRow("BEARER ")]
    [DataRow("  Bearer   ")]
    [DataRow("Bearer\t")]
    public void A_token_with_an_account_is_a_login_in_any_case_of_the_scheme(string scheme) =>
        Assert.IsTrue(IsLogin([scheme + Jwt(Account)]));

    [TestMethod]
    public void Every_Authorization_value_is_looked_at()
    {
        Assert.IsTrue(IsLogin(["Bearer sk-key", "Bearer " + Jwt(Account)]));
        Assert.IsTrue(IsLogin(["Basic dTpw, Bearer " + Jwt(Account)]));
        Assert.IsFalse(IsLogin(["Bearer sk-key", "Basic dTpw"]));
    }

    [TestMethod]
    public void A_token_without_an_account_is_a_login_only_with_the_account_header()
    {
        Assert.IsFalse(IsLogin(["Bearer " + Jwt(NoAccount)]));
        Assert.IsTrue(IsLogin(["Bearer " + Jwt(NoAccount)], "acct"));
        Assert.IsFalse(IsLogin(["Bearer " + Jwt(NoAccount)], " "));
        Assert.IsFalse(IsLogin([], "acct"));
    }

    [TestMethod]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":""}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":"  "}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":null}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":7}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":{"x":"acct"}}}""")]
    [DataRow("""{"https://api.openai.com/auth":"acct"}""")]
    [DataRow("""{"https://api.openai.com/auth":["chatgpt_account_id","acct"]}""")]
    [DataRow("""{"x":{"https://api.openai.com/auth":{"chatgpt_account_id":"acct"}}}""")]
    [DataRow("""{"chatgpt_account_id":"acct"}""")]
    public void A_blank_or_misplaced_account_is_none(string claims) => Assert.IsFalse(IsLogin(["Bearer " + Jwt(claims)]));

    [TestMethod]
    [DataRow("sk-proj-abc")]
    [DataRow("sk-ant-api03-abc")]
    [DataRow("opaque")]
    [DataRow("")]
    [DataRow("..")]
    [DataRow("a..c")]
    [DataRow("a.!!!.c")]
    [DataRow("a.AAAA.c")]
    [DataRow("a.W10.c")] // []
    [DataRow("a.Ig.c")] // a lone quote
    public void What_cannot_be_decoded_is_no_login_whatever_the_account_header_says(string token)
    {
        Assert.IsFalse(IsLogin(["Bearer " + token], "acct"));
        Assert.IsFalse(IsLogin([token], "acct"));
    }

    [TestMethod]
    public void An_api_key_is_no_login_even_if_it_could_be_decoded() => Assert.IsFalse(IsLogin(["Bearer sk-" + Jwt(Account)], "acct"));

    [TestMethod]
    public void A_token_beyond_reason_is_not_read() =>
        Assert.IsFalse(IsLogin(["Bearer " + Jwt(Account + new string(' ', 64 * 1024))]));

    [TestMethod]
    [DataRow("{\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\"\\ud800\"}}")]
    [DataRow("{\"https://api.openai.com/auth\":{\"\\ud800\":\"x\"}}")]
    [DataRow("{\"\\udfff\":\"x\"}")]
    public void Claims_that_are_no_Unicode_text_do_not_break_the_request(string claims) => IsLogin(["Bearer " + Jwt(claims)], "acct");

    [TestMethod]
    public void Claims_that_are_no_UTF8_do_not_break_the_request()
    {
        byte[] claims = [.. "{\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\""u8, 0xff, 0xc0, .. "\"}}"u8];
        IsLogin([$"Bearer e30.{Base64Url.EncodeToString(claims)}.x"]);
    }

    [TestMethod]
    public void Random_claims_never_break_a_request()
    {
        var random = new Random(20261122);
        for (var i = 0; i < 5_000; i++)
        {
            var claims = Encoding.UTF8.GetBytes(Account);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                claims[random.Next(claims.Length)] = (byte)random.Next(256);
            }

            IsLogin([$"Bearer e30.{Base64Url.EncodeToString(claims)}.x"], "acct");
        }
    }

    private static bool IsLogin(string[] authorization, string? account = null)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = authorization };
        if (account is not null)
        {
            headers["chatgpt-account-id"] = account;
        }

        return SubscriptionLogin.IsLogin(headers);
    }

    private static string Jwt(string claims) => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";
}
