using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The app's own handlers may change what is sent. The operator's key goes where the request goes at last, if that is where it belongs.</summary>
[TestClass]
public sealed class OperatorKeyHandlerTests
{
    [TestMethod]
    [DataRow("/llm/v1/else", true)]
    [DataRow("/llm/v1", true)]
    [DataRow("/llm/v10/models", false)]
    [DataRow("/llm", false)]
    [DataRow("/other/v1/models", false)]
    public async Task The_URL_as_it_leaves_decides_and_the_callers_credentials_go_nowhere(string path, bool keyed)
    {
        var request = await SentAsync((request, _) => request.RequestUri = new Uri(request.RequestUri!, path));

        Assert.AreEqual(path, request.Target);
        CollectionAssert.AreEqual(keyed ? ["operators"] : Array.Empty<string>(), request.Values("api-key").ToArray());
        Assert.DoesNotContain("callers", request.HeadText);
    }

    [TestMethod]
    public async Task A_credential_that_a_handler_adds_gives_way_to_the_key()
    {
        var request = await SentAsync((request, _) =>
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer handlers");
            request.Headers.TryAddWithoutValidation("api-key", "handlers");
        });

        CollectionAssert.AreEqual(new[] { "operators" }, request.Values("api-key").ToArray());
        Assert.DoesNotContain("handlers", request.HeadText);
    }

    [TestMethod]
    public async Task Elsewhere_a_handlers_credential_stays()
    {
        var request = await SentAsync((request, _) =>
        {
            request.RequestUri = new Uri(request.RequestUri!, "/other");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer handlers");
        });

        CollectionAssert.AreEqual(new[] { "Bearer handlers" }, request.Values("Authorization").ToArray());
        Assert.DoesNotContain("operators", request.HeadText);
    }

    [TestMethod]
    public async Task A_handler_that_sends_a_copy_sends_the_key_too()
    {
        var request = await SentAsync(copy: original =>
        {
            var copy = new HttpRequestMessage(original.Method, original.RequestUri) { Version = original.Version, VersionPolicy = original.VersionPolicy };
            foreach (var option in original.Options)
            {
                ((IDictionary<string, object?>)copy.Options)[option.Key] = option.Value;
            }

            return copy;
        });

        CollectionAssert.AreEqual(new[] { "operators" }, request.Values("api-key").ToArray());
    }

    [TestMethod]
    public async Task No_handler_sees_the_key_before_or_after()
    {
        List<string> seen = [];
        var request = await SentAsync((request, answer) => seen.Add($"{request} {string.Join(' ', request.Options)} {answer?.RequestMessage}"));

        Assert.HasCount(2, seen);
        Assert.DoesNotContain("operators", string.Join('\n', seen));
        Assert.HasCount(1, request.Values("api-key"));
    }

    [TestMethod]
    public async Task A_caller_cannot_have_it_left_out()
    {
        var request = await SentAsync((_, _) => { }, headers: "Connection: close, api-key");

        CollectionAssert.AreEqual(new[] { "operators" }, request.Values("api-key").ToArray());
    }

    private static async Task<RawRequest> SentAsync(
        Action<HttpRequestMessage, HttpResponseMessage?>? change = null, Func<HttpRequestMessage, HttpRequestMessage>? copy = null, string headers = "X: y")
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services
                .AddHeadroomProxy(options => options.Upstreams["keyed"] = new UpstreamOptions { BaseAddress = new Uri(upstream.Address, "/llm/v1").OriginalString, Headers = { ["api-key"] = "operators" } })
                .ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Changing(change, copy))),
            app => app.MapHeadroomRoutes());

        var answer = await Answer.OfAsync(
            host.Address, "GET", "/@keyed/models?key=callers", headers, "Authorization: Bearer callers", "x-api-key: callers", "api-key: callers");
        Assert.AreEqual(200, answer.Status, answer.Body);
        return await upstream.NextRequestAsync();
    }

    private sealed class Changing(Action<HttpRequestMessage, HttpResponseMessage?>? change, Func<HttpRequestMessage, HttpRequestMessage>? copy) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            change?.Invoke(request, null);
            var answer = await base.SendAsync(copy?.Invoke(request) ?? request, cancellationToken);
            change?.Invoke(request, answer);
            return answer;
        }
    }
}
