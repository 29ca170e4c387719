using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

[TestClass]
public sealed class GuardedConnectTests
{
    private const string Name = "llm.example.com";

    [TestMethod]
    [DataRow("127.0.0.1", DisplayName = "a private answer")]
    [DataRow("127.0.0.1,8.8.8.8", DisplayName = "a private answer before a public one")]
    [DataRow("8.8.8.8,127.0.0.1", DisplayName = "a private answer after a public one")]
    [DataRow("8.8.8.8,1.1.1.1,2606:4700::1111,::ffff:127.0.0.1", DisplayName = "a mapped answer after many public ones")]
    [DataRow("64:ff9b::127.0.0.1", DisplayName = "a NAT64 answer")]
    [DataRow("::1", DisplayName = "an IPv6 loopback answer")]
    public async Task Refuses_a_name_with_a_private_answer(string answers)
    {
        var resolver = new FakeResolver(answers.Split(','));

        var blocked = Assert.IsInstanceOfType<BlockedAddressException>(await JudgeAsync(resolver, Name));

        Assert.AreEqual(Name, blocked.Host);
        Assert.IsFalse(AddressRules.IsPublic(blocked.Address!));
        Assert.HasCount(1, resolver.Lookups);
    }

    [TestMethod]
    [DataRow(Name, "8.8.8.8,2606:4700::1111")]
    [DataRow(Name, "64:ff9b::8.8.8.8")]
    [DataRow("8.8.8.8", null)]
    [DataRow("[2606:4700::1111]", null)]
    public async Task Allows_public_addresses(string host, string? answers)
    {
        var resolver = new FakeResolver(answers?.Split(',') ?? []);

        Assert.IsInstanceOfType<OperationCanceledException>(await JudgeAsync(resolver, host));

        // What was judged is what is dialed: the name isn't asked for a second time.
        Assert.HasCount(answers is null ? 0 : 1, resolver.Lookups);
    }

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("127.1")]
    [DataRow("2130706433")]
    [DataRow("0x7f000001")]
    [DataRow("017700000001")]
    [DataRow("0")]
    [DataRow("[::1]")]
    [DataRow("[::ffff:127.0.0.1]")]
    [DataRow("[64:ff9b::7f00:1]")]
    [DataRow("[fe80::1%251]")]
    [DataRow("[2606:4700::1111%250]")]
    [DataRow("127。0。0。1")]
    public async Task Refuses_a_private_literal_without_asking_DNS(string host)
    {
        var resolver = new FakeResolver("127.0.0.1");

        Assert.IsInstanceOfType<BlockedAddressException>(await JudgeAsync(resolver, host));

        Assert.IsEmpty(resolver.Lookups);
    }

    [TestMethod]
    [DataRow("①②⑦.⓪.⓪.①")]
    [DataRow("１２７.0.0.1")]
    public async Task Refuses_a_private_literal_in_Unicode_digits(string host)
    {
        using var listener = new LoopbackListener();

        // A literal with ICU, a punycode name without (InvariantGlobalization): refused as the one or by its answer.
        await GuardedClient.BlockedAsync(UpstreamTrust.Public, new FakeResolver("127.0.0.1"), listener.UrlOf(host));

        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    [DataRow("localhost")]
    [DataRow("LocalHost.")]
    [DataRow("ollama")]
    [DataRow("llm.default.svc.cluster.local")]
    [DataRow("metadata.google.internal.")]
    [DataRow("local\u00adhost")]
    public async Task Refuses_a_name_of_the_inside_without_asking_DNS(string host)
    {
        using var listener = new LoopbackListener();
        var resolver = new FakeResolver("127.0.0.1");

        var blocked = await GuardedClient.BlockedAsync(UpstreamTrust.Public, resolver, listener.UrlOf(host));

        Assert.IsNull(blocked.Address);
        Assert.IsEmpty(resolver.Lookups);
        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    [DataRow("169.254.169.254")]
    [DataRow("127.0.0.1,169.254.169.254")]
    [DataRow("169.254.169.254,127.0.0.1")]
    [DataRow("127.0.0.1,::ffff:169.254.169.254")]
    [DataRow("127.0.0.1,fe80::1")]
    [DataRow("127.0.0.1,fd00:ec2::254")]
    public async Task Refuses_an_operators_name_with_a_metadata_answer(string answers)
    {
        using var listener = new LoopbackListener();

        await GuardedClient.BlockedAsync(UpstreamTrust.Operator, new FakeResolver(answers.Split(',')), listener.UrlOf(Name));

        Assert.IsFalse(listener.WasDialed);
    }

    // Canceled before it starts: an allowed address gets as far as the dial and no further, also where the guard is at fault.
    private static async Task<Exception> JudgeAsync(IHostResolver resolver, string host)
    {
        var guard = new GuardedConnect(UpstreamTrust.Public, resolver);
        Exception? outcome = null;
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, _) =>
            {
                outcome = await Assert.ThrowsAsync<Exception>(() => guard.ConnectAsync(context, new CancellationToken(canceled: true)).AsTask());
                throw outcome;
            },
        };
        using var client = new HttpClient(handler);
        await Assert.ThrowsExactlyAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://{host}/")));
        return outcome!;
    }
}
