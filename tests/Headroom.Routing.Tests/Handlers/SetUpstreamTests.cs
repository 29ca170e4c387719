namespace Headroom.Routing.Tests.Handlers;

[TestClass]
public sealed class SetUpstreamTests
{
    [TestMethod]
    public void Sets_the_header_once()
    {
        using var request = new HttpRequestMessage();
        request.Headers.Add("x-headroom-upstream", ["openai", "groq"]);

        request.SetUpstream("groq");
        request.SetUpstream("deepseek");

        Assert.AreEqual("deepseek", request.Headers.GetValues(HeadroomHeaders.Upstream).Single());
    }

    [TestMethod]
    public void Rejects_what_would_stand_for_no_upstream()
    {
        using var request = new HttpRequestMessage();

        Assert.ThrowsExactly<ArgumentNullException>(() => request.SetUpstream(null!));
        Assert.ThrowsExactly<ArgumentException>(() => request.SetUpstream(" "));
        Assert.ThrowsExactly<FormatException>(() => request.SetUpstream("deepseek\r\nX-Other: 1"));
        Assert.ThrowsExactly<ArgumentNullException>(() => HeadroomHttpRequestMessageExtensions.SetUpstream(null!, "deepseek"));
    }
}
