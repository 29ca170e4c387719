using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

/// <summary>What the guard dials, and what becomes of a dial.</summary>
[TestClass]
public sealed class GuardedConnectDialTests
{
    private const string Name = "llm.example.com";
    private const int HangGuard = 30_000; // ms; only so that a defect fails instead of hanging the run

    [TestMethod]
    public async Task Dials_the_judged_answer_and_judges_again_for_the_next_connection()
    {
        using var listener = new LoopbackListener();
        var resolver = FakeResolver.InTurn(FakeResolver.Answer("127.0.0.1"), FakeResolver.Answer("169.254.169.254"));
        using var client = GuardedClient.Create(UpstreamTrust.Operator, resolver);

        var answered = listener.AnswerAsync();
        using var response = await client.GetAsync(listener.UrlOf(Name));
        await answered;
        Assert.HasCount(1, resolver.Lookups);

        // The server closed its connection: this one is new, and the name has changed its mind.
        await GuardedClient.BlockedAsync(client, listener.UrlOf(Name));
        Assert.HasCount(2, resolver.Lookups);
        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("[::ffff:127.0.0.1]")]
    public async Task Lets_an_operator_name_a_loopback_address(string host)
    {
        using var listener = new LoopbackListener();
        var resolver = new FakeResolver("127.0.0.1");
        using var client = GuardedClient.Create(UpstreamTrust.Operator, resolver);

        var answered = listener.AnswerAsync();
        using var response = await client.GetAsync(listener.UrlOf(host));

        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.IsEmpty(resolver.Lookups);
        await answered;
    }

    [TestMethod]
    [DataRow("::1,127.0.0.1", DisplayName = "the first is refused")]
    [DataRow("::1,::1,::ffff:127.0.0.1", DisplayName = "the last is IPv4-mapped")]
    public async Task Dials_the_next_address_when_one_fails(string answers)
    {
        using var listener = new LoopbackListener();
        using var client = GuardedClient.Create(UpstreamTrust.Operator, new FakeResolver(answers.Split(',')));

        var answered = listener.AnswerAsync();
        using var response = await client.GetAsync(listener.UrlOf(Name));

        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        await answered;
    }

    [TestMethod]
    public async Task Reports_a_refused_connection_with_its_socket_error()
    {
        using var reserved = ReservedPort();
        var url = new Uri($"http://{Name}:{((IPEndPoint)reserved.LocalEndPoint!).Port}/");
        using var client = GuardedClient.Create(UpstreamTrust.Operator, new FakeResolver("127.0.0.1"));

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => client.GetAsync(url));

        Assert.AreEqual(HttpRequestError.ConnectionError, failure.HttpRequestError);
        Assert.AreEqual(SocketError.ConnectionRefused, (failure.InnerException as SocketException)?.SocketErrorCode);
        Assert.IsFalse(BlockedAddressException.TryFind(failure, out _));
    }

    [TestMethod]
    [DataRow(UpstreamTrust.Public, SocketError.HostNotFound)]
    [DataRow(UpstreamTrust.Operator, SocketError.HostNotFound)]
    [DataRow(UpstreamTrust.Public, SocketError.TryAgain)]
    [DataRow(UpstreamTrust.Public, SocketError.NoData)]
    [DataRow(UpstreamTrust.Public, SocketError.NoRecovery)]
    [DataRow(UpstreamTrust.Public, SocketError.ConnectionRefused)]
    public Task Reports_a_failed_lookup_as_a_name_resolution_error(UpstreamTrust trust, SocketError error) =>
        AssertNameResolutionErrorAsync(trust, FakeResolver.InTurn(FakeResolver.Failure(error)));

    [TestMethod]
    [DataRow(UpstreamTrust.Public)]
    [DataRow(UpstreamTrust.Operator)]
    public Task Reports_an_empty_answer_as_a_name_resolution_error(UpstreamTrust trust) =>
        AssertNameResolutionErrorAsync(trust, FakeResolver.InTurn(FakeResolver.Answer()));

    [TestMethod]
    public async Task Reports_a_name_too_long_for_DNS_as_a_name_resolution_error()
    {
        var url = new Uri($"http://{string.Join('.', Enumerable.Repeat(new string('a', 60), 6))}.example/");
        using var client = GuardedClient.Create(UpstreamTrust.Public, new DnsHostResolver());

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => client.GetAsync(url));

        Assert.AreEqual(HttpRequestError.NameResolutionError, failure.HttpRequestError);
    }

    [TestMethod]
    [Timeout(HangGuard, CooperativeCancellation = false)]
    public async Task Ends_with_the_connect_timeout_when_a_resolver_hangs_and_ignores_its_token()
    {
        using var listener = new LoopbackListener();
        var resolver = FakeResolver.InTurn(FakeResolver.Never);
        using var client = GuardedClient.Create(UpstreamTrust.Public, resolver, TimeSpan.FromMilliseconds(50));

        var failure = await Assert.ThrowsExactlyAsync<TaskCanceledException>(() => client.GetAsync(listener.UrlOf(Name)));

        Assert.IsInstanceOfType<TimeoutException>(failure.InnerException);
        Assert.IsFalse(listener.WasDialed);
    }

    [TestMethod]
    public async Task Keeps_the_host_header_on_the_name()
    {
        using var listener = new LoopbackListener();
        using var client = GuardedClient.Create(UpstreamTrust.Operator, new FakeResolver("127.0.0.1"));

        var answered = listener.AnswerAsync();
        using var response = await client.GetAsync(listener.UrlOf(Name));

        Assert.Contains($"Host: {Name}:{listener.Port}\n", await answered);
    }

    [TestMethod]
    public async Task Keeps_TLS_on_the_name()
    {
        using var certificate = TestCertificate.For(Name);
        using var listener = new LoopbackListener();
        using var handler = GuardedClient.CreateHandler(UpstreamTrust.Operator, new FakeResolver("127.0.0.1"));
        // Self-signed, but made out to the name: a mismatch would be an error of its own.
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, _, _, errors) => errors == SslPolicyErrors.RemoteCertificateChainErrors;
        using var client = new HttpClient(handler);

        string? serverName = null;
        var answered = listener.AnswerAsync(async stream =>
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync((_, hello, _, _) =>
            {
                serverName = hello.ServerName;
                return new(new SslServerAuthenticationOptions { ServerCertificate = certificate });
            }, null);
            return tls;
        });
        using var response = await client.GetAsync(new Uri($"https://{Name}:{listener.Port}/"));
        await answered;

        Assert.AreEqual(Name, serverName);
    }

    [TestMethod]
    public async Task Keeps_connections_alive_and_undelayed()
    {
        using var listener = new LoopbackListener();
        using var handler = GuardedClient.CreateHandler(UpstreamTrust.Operator, new FakeResolver("127.0.0.1"));
        (bool NoDelay, int KeepAlive, int Time, int Interval)? options = null;
        handler.PlaintextStreamFilter = (context, _) =>
        {
            var socket = ((NetworkStream)context.PlaintextStream).Socket;
            options = (
                socket.NoDelay,
                (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!,
                (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!,
                (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
            return new(context.PlaintextStream);
        };
        using var client = new HttpClient(handler);

        var answered = listener.AnswerAsync();
        using var response = await client.GetAsync(listener.UrlOf(Name));
        await answered;

        Assert.AreEqual((true, 1, 30, 30), options);
    }

    [TestMethod]
    public async Task Applies_the_operators_rule_to_an_egress_proxy()
    {
        using var proxy = new LoopbackListener();
        var resolver = new FakeResolver("127.0.0.1");
        using var handler = UpstreamHandlerFactory.Create(UpstreamTrust.Operator, resolver, UpstreamHandlerFactory.DefaultConnectTimeout);
        handler.Proxy = new WebProxy($"http://proxy.corp:{proxy.Port}");
        using var client = new HttpClient(handler);

        var answered = proxy.AnswerAsync();
        using var response = await client.GetAsync(new Uri($"http://{Name}/"));

        Assert.StartsWith($"GET http://{Name}/ ", await answered);
        CollectionAssert.AreEqual(new[] { "proxy.corp" }, resolver.Lookups.ToArray());
    }

    [TestMethod]
    public async Task Tells_the_caller_nothing_of_the_address()
    {
        using var client = GuardedClient.Create(UpstreamTrust.Public, new FakeResolver("10.11.12.13"));

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://{Name}/")));

        Assert.DoesNotContain("10.11.12.13", failure.ToString());
    }

    private static async Task AssertNameResolutionErrorAsync(UpstreamTrust trust, IHostResolver resolver)
    {
        using var client = GuardedClient.Create(trust, resolver);

        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://{Name}/")));

        Assert.AreEqual(HttpRequestError.NameResolutionError, failure.HttpRequestError);
        Assert.IsInstanceOfType<SocketException>(failure.InnerException);
    }

    // Bound but not listening: a dial is refused, and nobody else can take the port meanwhile.
    private static Socket ReservedPort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
