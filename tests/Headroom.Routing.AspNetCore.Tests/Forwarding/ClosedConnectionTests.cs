using System.Collections.Concurrent;
using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Connections that an upstream closes instead of answering, and whether a request may be sent again (RFC 9110, section 9.2.2).</summary>
[TestClass]
public sealed class ClosedConnectionTests
{
    [TestMethod]
    [DataRow("POST", true, false)]
    [DataRow("POST", false, false)]
    [DataRow("PATCH", true, false)]
    [DataRow("PUT", true, true)]
    [DataRow("GET", true, true)]
    [DataRow("DELETE", false, true)]
    public async Task Only_an_idempotent_request_that_arrived_is_to_be_sent_again(string method, bool reset, bool retry)
    {
        await using var upstream = RawUpstream.Start(exchange =>
        {
            if (reset)
            {
                exchange.Abort();
            }
            else
            {
                exchange.Close();
            }

            return Task.CompletedTask;
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var message = new HttpRequestMessage(new HttpMethod(method), "/v1/responses");
        message.Content = method is "GET" or "DELETE" ? null : new StringContent("{}");
        using var response = await host.CreateClient().SendAsync(message);
        await ErrorAssert.IsAsync(response, 502, "upstream_unreachable", retry);
    }

    // Some servers close after so many answers, or after so long, without saying so.
    [TestMethod]
    [DataRow("GET")]
    [DataRow("POST")]
    public async Task An_upstream_that_closes_without_notice_leads_no_client_to_send_twice(string method)
    {
        const int Requests = 1_000;
        const int AnswersPerConnection = 7;
        var handled = new ConcurrentDictionary<string, bool>();
        var served = 0;
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            handled[exchange.Request.Values("X-Number").Single()] = true;
            await exchange.RespondAsync(body: "{}");
            if (Interlocked.Increment(ref served) % AnswersPerConnection == 0)
            {
                exchange.Close();
            }
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var client = host.CreateClient();
        var lost = 0;
        for (var i = 0; i < Requests; i++)
        {
            using var message = new HttpRequestMessage(new HttpMethod(method), "/v1/responses");
            message.Headers.Add("X-Number", $"{i}");
            message.Content = method == "GET" ? null : new StringContent("{}");
            using var response = await client.SendAsync(message);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                continue;
            }

            lost++;
            Assert.AreEqual(HttpStatusCode.BadGateway, response.StatusCode);
            Assert.AreNotEqual("GET", method, "A request without a body is sent again by the gateway.");
            var retry = response.Headers.NonValidated["x-should-retry"].ToString() == "true";
            Assert.IsFalse(retry && handled.ContainsKey($"{i}"), "A request that the upstream acted on is to be sent again.");
        }

        Assert.IsLessThan(Requests / 2, lost);
    }

    [TestMethod]
    [DataRow(null, 0.5, 60)]
    [DataRow("00:00:03", 3, 3)]
    public async Task Idle_connections_are_kept_as_long_as_configured(string? configured, double cleartextSeconds, double secureSeconds)
    {
        (string, string)[] settings = configured is null ? [] : [("Headroom:IdleConnectionTimeout", configured)];
        await using var host = await Gateway.ToAsync(new Uri("http://127.0.0.1:9"), settings);
        var factory = host.Services.GetRequiredService<IHttpMessageHandlerFactory>();
        foreach (var rule in new[] { "Headroom.Operator", "Headroom.Public" })
        {
            Assert.AreEqual(TimeSpan.FromSeconds(secureSeconds), Sockets(factory.CreateHandler(rule)).PooledConnectionIdleTimeout);
            Assert.AreEqual(TimeSpan.FromSeconds(cleartextSeconds), Sockets(factory.CreateHandler(rule + ".Cleartext")).PooledConnectionIdleTimeout);
        }
    }

    [TestMethod]
    public async Task A_cleartext_connection_is_closed_when_it_was_idle_for_long_enough()
    {
        var ended = new TaskCompletionSource<StreamEnd>();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.RespondAsync();
            ended.SetResult(await exchange.WaitForHangUpAsync());
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var first = await host.CreateClient().GetAsync("/v1/models");
        Assert.AreEqual(StreamEnd.Clean, await Patience.For(ended.Task, "the gateway to hang up"));
    }

    private static SocketsHttpHandler Sockets(HttpMessageHandler handler)
    {
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        return (SocketsHttpHandler)handler;
    }
}
