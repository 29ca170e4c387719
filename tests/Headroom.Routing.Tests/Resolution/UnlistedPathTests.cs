using Headroom.Routing.Resolution;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>Paths below <c>/v1</c> that no provider lists: a mistyped path must not take the token of a company's own systems to a provider.</summary>
[TestClass]
public sealed class UnlistedPathTests
{
    private const string Path = "/v1/ordrs/7";

    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions());

    [TestMethod]
    [DataRow("")]
    [DataRow("Authorization: Basic dXNlcjpwdw==")]
    [DataRow("Authorization: Bearer ")]
    [DataRow("Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln")]
    [DataRow("authorization: bearer  eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln")]
    [DataRow("Authorization: Bearer eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn")]
    [DataRow("Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln; anthropic-version: 2023-06-01")]
    [DataRow("x-api-key: ; Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln")]
    public void Without_an_API_key_they_are_nobodys(string headers)
    {
        Assert.AreEqual(RefusalReason.NoUpstream, Resolver.Refuses("GET", Path, headers).Reason);
        Assert.AreEqual(Ownership.None, Resolver.OwnershipOf("GET", Path, headers));
    }

    [TestMethod]
    [DataRow("Authorization: Bearer sk-test", "OpenAI")]
    [DataRow("Authorization: Bearer some-other-key", "OpenAI")]
    [DataRow("Authorization: Bearer id.secret", "OpenAI")]
    [DataRow("x-api-key: k", "Anthropic")]
    [DataRow("anthropic-version: 2023-06-01", "Anthropic")]
    [DataRow("Authorization: Bearer k; anthropic-version: 2023-06-01", "Anthropic")]
    [DataRow("x-goog-api-key: k", "Gemini")]
    [DataRow("Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln; x-api-key: k", "Anthropic")]
    public void With_an_API_key_they_are_a_providers(string headers, string provider)
    {
        Assert.AreEqual(provider, Resolver.Resolves("GET", Path, headers).Provider?.Name);
        Assert.AreEqual(Ownership.ByPath, Resolver.OwnershipOf("GET", Path, headers));
    }

    [TestMethod]
    [DataRow("X-Headroom-Upstream: openrouter", "https://openrouter.ai/api/v1/ordrs/7")]
    [DataRow("X-Headroom-Upstream: openrouter; Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln", "https://openrouter.ai/api/v1/ordrs/7")]
    public void With_an_override_they_go_where_it_says(string headers, string url)
    {
        Assert.AreEqual(url, Resolver.Resolves("GET", Path, headers).Uri.OriginalString);
        Assert.AreEqual(Ownership.ByPath, Resolver.OwnershipOf("GET", Path, headers));
    }

    [TestMethod]
    [DataRow("/v1/models")]
    [DataRow("/v1/chat/completions")]
    public void Listed_paths_take_any_token(string path) =>
        Assert.AreEqual("OpenAI", Resolver.Resolves("GET", path, "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln").Provider?.Name);
}
