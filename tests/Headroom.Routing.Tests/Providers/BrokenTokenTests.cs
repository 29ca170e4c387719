using System.Buffers.Text;
using System.Text;
using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Tests.Providers;

/// <summary>A token comes from outside and is read before it is anyone's: whatever it holds, reading it never breaks the request.</summary>
[TestClass]
public class BrokenTokenTests
{
    private const string Account = """{"sub":"u","https://api.openai.com/auth":{"plan":{"x":[1]},"chatgpt_account_id":"acct"}}""";

    [TestMethod]
    [DataRow("{\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\"\\ud800\"}}")]
    [DataRow("{\"https://api.openai.com/auth\":{\"\\ud800\":\"x\"}}")]
    [DataRow("{\"\\udfff\":\"x\"}")]
    public void Claims_that_are_no_Unicode_text_do_not_break_the_request(string claims) => IsLogin(Encoding.UTF8.GetBytes(claims));

    [TestMethod]
    public void Claims_that_are_no_UTF8_do_not_break_the_request() =>
        IsLogin([.. "{\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\""u8, 0xff, 0xc0, .. "\"}}"u8]);

    [TestMethod]
    public void A_token_beyond_reason_is_not_read()
    {
        Assert.IsTrue(IsLogin(Encoding.UTF8.GetBytes(Account)));
        Assert.IsFalse(IsLogin(Encoding.UTF8.GetBytes(Account + new string(' ', 64 * 1024))));
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

            IsLogin(claims);
        }
    }

    private static bool IsLogin(byte[] claims) => SubscriptionLogin.IsLogin(new RequestHeaders
    {
        Authorization = $"Bearer e30.{Base64Url.EncodeToString(claims)}.c2ln",
        AccountId = "acct",
    });
}
