using Headroom.Routing.Policy;

namespace Headroom.Routing.Tests.Policy;

[TestClass]
public sealed class RefusedNamesTests
{
    [TestMethod]
    [DataRow("intranet")]
    [DataRow("ollama")]
    [DataRow("localhost")]
    [DataRow("ip6-localhost")]
    [DataRow("com")]
    [DataRow("")]
    [DataRow(".")]
    public void Refuses_single_labels(string host) => AssertRefused(host);

    [TestMethod]
    [DataRow("api.localhost")]
    [DataRow("localhost.localdomain")]
    [DataRow("printer.local")]
    [DataRow("llm.default.svc.cluster.local")]
    [DataRow("host.localdomain")]
    [DataRow("vault.internal")]
    [DataRow("wiki.intranet")]
    [DataRow("nas.lan")]
    [DataRow("nas.home")]
    [DataRow("nas.home.arpa")]
    [DataRow("llm.corp")]
    [DataRow("db.private")]
    [DataRow("api.test")]
    [DataRow("api.invalid")]
    [DataRow("api.onion")]
    [DataRow("1.0.0.127.in-addr.arpa")]
    [DataRow("llm.default.svc")]
    public void Refuses_suffixes_of_private_networks(string host) => AssertRefused(host);

    [TestMethod]
    [DataRow("metadata.goog")]
    [DataRow("metadata.google.internal")]
    [DataRow("metadata.azure.com")]
    [DataRow("metadata.tencentyun.com")]
    [DataRow("metadata.packet.net")]
    [DataRow("instance-data")]
    [DataRow("instance-data.ec2.internal")]
    [DataRow("instance-data.example.com")]
    [DataRow("host.docker.internal")]
    [DataRow("gateway.docker.internal")]
    [DataRow("host.containers.internal")]
    public void Refuses_names_of_metadata_services_and_container_hosts(string host) => AssertRefused(host);

    [TestMethod]
    [DataRow("api.openai.com")]
    [DataRow("mycorp.com")]
    [DataRow("corp.example.com")]
    [DataRow("mycorp.example")]
    [DataRow("localhost.example.com")]
    [DataRow("local.ai")]
    [DataRow("notlocal.ai")]
    [DataRow("my.homelan")]
    [DataRow("internal.example.com")]
    [DataRow("svc.example.com")]
    [DataRow("test.com")]
    [DataRow("arpa.example.com")]
    [DataRow("metadata.example.com")]
    [DataRow("metadata.google.com")]
    [DataRow("my-instance-data.com")]
    [DataRow("instance.example.com")]
    [DataRow("xn--bcher-kva.example")]
    public void Allows_look_alikes(string host)
    {
        Assert.IsFalse(RefusedNames.IsRefused(host), host);
        Assert.IsFalse(RefusedNames.IsRefused(host + "."), host + ".");
    }

    private static void AssertRefused(string host)
    {
        foreach (var spelling in new[] { host, host.ToUpperInvariant(), host + ".", host + ".." })
        {
            Assert.IsTrue(RefusedNames.IsRefused(spelling), spelling);
        }
    }
}
