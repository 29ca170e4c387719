using Headroom.Routing.Testing;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The testing kit's lookalikes: well-formed, different, and never the allowed origin itself.</summary>
[TestClass]
public sealed class LookalikeTests
{
    [TestMethod]
    [DataRow("api.openai.com")]
    [DataRow("llm.internet.bg")]
    [DataRow("LLM.MyCorp.example")]
    [DataRow("ollama")]
    [DataRow("zzz")]
    [DataRow("10.0.0.1")]
    [DataRow("[2001:db8::1]")]
    public void No_lookalike_is_the_allowed_origin(string allowed)
    {
        var origin = UpstreamOverride.Parse($"https://{allowed}").Origin;

        var others = HostilePayloads.LookalikesOf(allowed).Select(url => UpstreamOverride.Parse(url).Origin).ToList();

        CollectionAssert.DoesNotContain(others, origin);
        CollectionAssert.AllItemsAreUnique(others);
    }

    [TestMethod]
    public void A_name_has_lookalikes_in_other_alphabets()
    {
        foreach (var allowed in (string[])["api.openai.com", "llm.internet.bg", "ollama"])
        {
            Assert.Contains(url => !System.Text.Ascii.IsValid(url), HostilePayloads.LookalikesOf(allowed), allowed);
        }
    }
}
