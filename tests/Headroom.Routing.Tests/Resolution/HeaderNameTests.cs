using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>How the names of headers are read: without regard to case, and with an eye on those that are nearly right.</summary>
[TestClass]
public sealed class HeaderNameTests
{
    private const string Path = "/v1/models";

    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(ResolverAssert.AnyHost);

    [TestMethod]
    [DataRow("X-Headroom-Upstream", "https://a.example", "https://a.example/v1/models")]
    [DataRow("x-headroom-upstream", "https://a.example", "https://a.example/v1/models")]
    [DataRow("X-HEADROOM-BASE-URL", "https://a.example", "https://a.example/v1/models")]
    [DataRow("Anthropic-Version", "2023-06-01", "https://api.anthropic.com/v1/models")]
    [DataRow("X-Goog-Api-Key", "k", "https://generativelanguage.googleapis.com/v1/models")]
    public void The_dictionarys_comparer_does_not_matter(string name, string value, string url)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.Ordinal) { [name] = value };

        Assert.IsTrue(Resolver.TryResolve("GET", Path, headers, out var target, out _));
        Assert.AreEqual(url, target.Uri.OriginalString);
    }

    [TestMethod]
    public void A_login_is_found_whatever_the_comparer()
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.Ordinal)
        {
            ["authorization"] = $"Bearer {Jwt.OfLogin}",
            ["X-Headroom-Upstream"] = "https://a.example",
        };

        Assert.IsTrue(Resolver.TryResolve("GET", Path, headers, out var target, out _));
        Assert.AreEqual("https://chatgpt.com", target.Origin);
    }

    [TestMethod]
    public void One_name_in_two_spellings_is_a_repeated_header()
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.Ordinal)
        {
            ["X-Headroom-Upstream"] = "https://a.example",
            ["x-headroom-upstream"] = "https://b.example",
        };

        Assert.IsFalse(Resolver.TryResolve("GET", Path, headers, out _, out var refusal));
        Assert.AreEqual(RefusalReason.InvalidUpstream, refusal.Reason);
    }

    [TestMethod]
    [DataRow("X-Headroom-Upsteam: https://a.example")]
    [DataRow("x-headroom-up: https://a.example")]
    [DataRow("X-Headroom-Upstream-Url: https://a.example")]
    [DataRow("X-HEADROOM-UPSTREAMS: openrouter")]
    [DataRow("X-Headroom-Upstream: https://a.example; X-Headroom-Upsteam: https://b.example")]
    public void A_misspelled_override_is_refused_and_the_right_name_is_told(string headers)
    {
        var refusal = Resolver.Refuses("GET", Path, headers);

        Assert.AreEqual(RefusalReason.InvalidUpstream, refusal.Reason);
        Assert.Contains("X-Headroom-Upstream", refusal.Message);
        Assert.DoesNotContain("example", refusal.Message);
    }

    [TestMethod]
    [DataRow("/@openrouter/v1/models")]
    [DataRow("/upstream/v1/models")]
    [DataRow("/elsewhere")]
    public void A_misspelled_override_is_refused_on_every_path(string path) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("GET", path, "X-Headroom-Upsteam: https://a.example").Reason);

    [TestMethod]
    [DataRow("x-headroom-user-id: u")]
    [DataRow("X-Headroom-Mode: fast")]
    [DataRow("x-headroom-project: p")]
    public void Other_control_headers_mean_nothing_here(string headers) =>
        Assert.AreEqual("https://api.openai.com", Resolver.Resolves("GET", Path, headers).Origin);
}
