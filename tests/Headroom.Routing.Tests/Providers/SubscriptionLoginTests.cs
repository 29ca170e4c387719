using Headroom.Routing.Providers;
using Headroom.Routing.Resolution;
using Headroom.Routing.Tests.Resolution;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Tests.Providers;

/// <summary>A ChatGPT login's token reaches chatgpt.com alone, whatever else the request says.</summary>
[TestClass]
public sealed class SubscriptionLoginTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(ResolverAssert.AnyHost);

    [TestMethod]
    [DataRow("Bearer ")]
    [DataRow("bearer ")]
    [DataRow("BEARER   ")]
    [DataRow("  Bearer\t")]
    public void A_token_with_an_account_is_a_login(string scheme) => Assert.IsTrue(IsLogin(scheme + Jwt.OfLogin));

    [TestMethod]
    public void Any_of_several_values_may_be_the_login()
    {
        Assert.IsTrue(IsLogin(new StringValues(["Bearer sk-test", "Bearer " + Jwt.OfLogin])));
        Assert.IsTrue(IsLogin($"Bearer sk-test, Bearer {Jwt.OfLogin}"));
    }

    [TestMethod]
    public void A_token_without_an_account_is_one_together_with_the_account_header()
    {
        var authorization = "Bearer " + Jwt.With("{}");

        Assert.IsFalse(IsLogin(authorization));
        Assert.IsFalse(IsLogin(authorization, account: " "));
        Assert.IsTrue(IsLogin(authorization, account: "acct-1"));
    }

    [TestMethod]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":""}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":"  "}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":7}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"chatgpt_account_id":["a"]}}""")]
    [DataRow("""{"https://api.openai.com/auth":{"nested":{"chatgpt_account_id":"a"}}}""")]
    [DataRow("""{"https://api.openai.com/auth":"chatgpt_account_id"}""")]
    [DataRow("""{"chatgpt_account_id":"a"}""")]
    [DataRow("{}")]
    public void A_token_for_something_else_is_none(string claims) => Assert.IsFalse(IsLogin("Bearer " + Jwt.With(claims)));

    [TestMethod]
    [DataRow("""{"https:\/\/api.openai.com\/auth":{"chatgpt_account_id":"a"}}""")]
    [DataRow("""{"x":[{"y":1}],"https://api.openai.com/auth":{"list":[1,{"a":2}],"chatgpt_account_id":"a"},"z":null}""")]
    public void The_account_is_found_however_the_token_is_written(string claims) => Assert.IsTrue(IsLogin("Bearer " + Jwt.With(claims)));

    [TestMethod]
    [DataRow("Bearer sk-proj-test")]
    [DataRow("Bearer opaque")]
    [DataRow("Bearer a.b")]
    [DataRow("Bearer a..b")]
    [DataRow("Bearer a.!!!.b")]
    [DataRow("Bearer a.bm90IGpzb24.b")]
    [DataRow("Bearer a.W10.b")]
    [DataRow("Bearer a.e30=.b", true)]
    [DataRow("Bearer ")]
    [DataRow("Basic dXNlcjpwYXNz")]
    [DataRow("")]
    public void What_cannot_be_decoded_is_no_login_even_with_the_account_header(string authorization, bool login = false) =>
        Assert.AreEqual(login, IsLogin(authorization, account: "acct-1"));

    [TestMethod]
    public void An_api_key_is_never_a_login()
    {
        var shapedLikeOne = "Bearer sk-" + Jwt.OfLogin;

        Assert.IsFalse(IsLogin(shapedLikeOne));
        Assert.IsFalse(IsLogin(shapedLikeOne, account: "acct-1"));
    }

    [TestMethod]
    public void A_token_of_absurd_size_is_not_decoded() =>
        Assert.IsFalse(IsLogin("Bearer " + Jwt.With("""{"https://api.openai.com/auth":{"chatgpt_account_id":"a"}}""" + new string(' ', 100_000))));

    [TestMethod]
    [DataRow("/v1/responses", "/backend-api/codex/responses")]
    [DataRow("/v1/responses/resp_1/cancel?a=%2F", "/backend-api/codex/responses/resp_1/cancel?a=%2F")]
    [DataRow("/v1/codex/responses", "/backend-api/codex/responses")]
    [DataRow("/backend-api/responses/x", "/backend-api/codex/responses/x")]
    [DataRow("/backend-api/codex/responses", "/backend-api/codex/responses")]
    [DataRow("/v1/models?client_version=1", "/backend-api/codex/models?client_version=1")]
    [DataRow("/v1/images/generations", "/backend-api/codex/images/generations")]
    [DataRow("/v1/images/edits", "/backend-api/codex/images/edits")]
    [DataRow("/v1/models/gpt", "/v1/models/gpt")]
    [DataRow("/v1/responsesx", "/v1/responsesx")]
    [DataRow("/v1/messages", "/v1/messages")]
    [DataRow("/backend-api/wham/usage", "/backend-api/wham/usage")]
    [DataRow("/upstream/responses", "/backend-api/codex/responses")]
    [DataRow("/upstream/v1/responses", "/backend-api/codex/responses")]
    [DataRow("/@deepseek/models", "/backend-api/codex/models")]
    [DataRow("/@no-such-name/anything", "/anything")]
    public void A_login_goes_to_its_own_host_on_every_path(string path, string expected)
    {
        foreach (var overridden in new[] { "", "; X-Headroom-Upstream: https://api.deepseek.com", "; X-Headroom-Upstream: no.such,name" })
        {
            var target = Resolver.Resolves("POST", path, $"Authorization: Bearer {Jwt.OfLogin}{overridden}");

            Assert.AreEqual("https://chatgpt.com" + expected, target.Uri.OriginalString, overridden);
            Assert.AreEqual(UpstreamChoice.Configured, target.Choice);
            Assert.AreEqual("ChatGPT", target.Provider?.Name);
            Assert.IsTrue(target.Provider?.Http11Only);
        }
    }

    [TestMethod]
    public void A_login_claims_any_path_and_a_hostile_one_is_refused_all_the_same()
    {
        var headers = "Authorization: Bearer " + Jwt.OfLogin;

        Assert.AreEqual(Ownership.ByHeaders, Resolver.OwnershipOf("GET", "/elsewhere", headers));
        Resolver.Refuses("GET", "/backend-api/%2e%2e/x", headers);
    }

    private static bool IsLogin(StringValues authorization, string? account = null)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = authorization };
        if (account is not null)
        {
            headers["ChatGPT-Account-ID"] = account;
        }

        return SubscriptionLogin.IsLogin(Resolver.Headers.Read(headers));
    }
}
