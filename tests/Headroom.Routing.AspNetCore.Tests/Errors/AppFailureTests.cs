using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Errors;

/// <summary>What a handler of the app's throws: its own failure is not told as the upstream's.</summary>
[TestClass]
public sealed class AppFailureTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task An_exception_of_a_handler_is_a_500_and_is_in_the_log(bool withBody)
    {
        await using var upstream = RawUpstream.Start();
        var host = await StartAsync(upstream, _ => throw new InvalidOperationException("inside S3CRET", new KeyNotFoundException("tenant")));
        await using (host)
        {
            using var request = new HttpRequestMessage(withBody ? HttpMethod.Post : HttpMethod.Get, "/v1/responses") { Content = withBody ? new StringContent("{}") : null };
            using var response = await host.CreateClient().SendAsync(request);
            var body = await ErrorAssert.IsAsync(response, 500, "gateway_error", retry: false);
            Assert.DoesNotContain("S3CRET", body);
        }

        LogEntry entry = Assert.ContainsSingle(host.Logs.Entries.Where(entry => entry.Level >= LogLevel.Warning && entry.Category.StartsWith("Headroom", StringComparison.Ordinal)));
        Assert.AreEqual((LogLevel.Error, 5), (entry.Level, entry.EventId.Id));
        Assert.Contains("inside S3CRET", entry.Exception!);
        Assert.Contains(nameof(KeyNotFoundException), entry.Exception!);
        Assert.IsEmpty(upstream.Requests);
    }

    [TestMethod]
    public async Task An_exception_while_a_handlers_body_is_read_is_a_500_too()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "answer"));
        await using var host = await StartAsync(upstream, async send =>
        {
            var answer = await send();
            answer.Content = new StreamContent(new FailingStream()) { Headers = { ContentLength = 6 } };
            return answer;
        });
        using var response = await host.CreateClient().GetAsync("/v1/models");
        await ErrorAssert.IsAsync(response, 500, "gateway_error", retry: false);
    }

    [TestMethod]
    [DataRow(nameof(HttpRequestException), 502, true)]
    [DataRow(nameof(IOException), 502, true)]
    [DataRow(nameof(TaskCanceledException), 504, true)]
    [DataRow(nameof(AggregateException), 502, true)]
    public async Task A_handler_that_fails_as_the_network_does_is_told_so(string thrown, int status, bool retry)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream, _ => throw (thrown switch
        {
            nameof(HttpRequestException) => new HttpRequestException("token service"),
            nameof(IOException) => new IOException("pipe"),
            nameof(TaskCanceledException) => new TaskCanceledException("patience"),
            _ => new AggregateException(new InvalidOperationException(), new InvalidOperationException("x", new IOException())),
        }));
        using var response = await host.CreateClient().GetAsync("/v1/models");
        await ErrorAssert.IsAsync(response, status, status == 504 ? "upstream_timeout" : "upstream_unreachable", retry);
    }

    private static Task<GatewayHost> StartAsync(RawUpstream upstream, Func<Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> act) =>
        Gateway.ToAsync(upstream.Address, proxy => proxy.ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Acting(act))));

    private sealed class Acting(Func<Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> act) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            act(() => base.SendAsync(request, cancellationToken));
    }

    /// <summary>A body that fails as soon as it is read.</summary>
    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new InvalidDataException("S3CRET");
    }
}
