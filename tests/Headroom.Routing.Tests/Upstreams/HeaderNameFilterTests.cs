using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Tests.Upstreams;

[TestClass]
public sealed class HeaderNameFilterTests
{
    private static readonly HeaderNameFilter Filter = new(["TE", "Via", "X-Real-IP"], ["X-Headroom-"]);

    [TestMethod]
    [DataRow("TE")]
    [DataRow("te")]
    [DataRow("via")]
    [DataRow("x-real-ip")]
    [DataRow("X-Headroom-")]
    [DataRow("x-HEADROOM-anything-however-long-it-may-be")]
    public void Passes_each_name_in_the_set_in_any_case(string name) => Assert.IsTrue(Filter.MayContain(name));

    [TestMethod]
    [DataRow("")]
    [DataRow("X")]
    [DataRow("Accept")]
    [DataRow("X-Stainless-Lang")]
    [DataRow("X-Request-ID")]
    [DataRow("Vary")]
    public void Tells_most_others_from_it(string name) => Assert.IsFalse(Filter.MayContain(name));

    [TestMethod]
    [DataRow("Y")]
    [DataRow("yz")]
    [DataRow("Yes")]
    public void Takes_a_prefix_that_is_shorter_than_what_it_looks_at(string name) => Assert.IsTrue(new HeaderNameFilter([], ["Y"]).MayContain(name));
}
