using System.Diagnostics;
using System.Diagnostics.Metrics;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Diagnostics;

/// <summary>The span of a request to an upstream, as a tracer sees it that listens to the source <c>Headroom.Routing</c>.</summary>
[TestClass]
[DoNotParallelize]
public sealed class UpstreamActivityTests
{
    [TestMethod]
    public async Task Tells_where_a_request_went_and_how_it_ended()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(201, "made"));
        using var spans = new Spans(upstream.Address);
        await using var host = await Gateway.ToAsync(upstream.Address);
        await SendAsync(host, "POST", "/v1/models?key=S3CRET");

        var span = await spans.NextAsync();
        Assert.AreEqual(
            ("POST", ActivityKind.Client, ActivityStatusCode.Unset), (span.DisplayName, span.Kind, span.Status));
        CollectionAssert.AreEquivalent(
            new Dictionary<string, object?>
            {
                ["http.request.method"] = "POST",
                ["server.address"] = "127.0.0.1",
                ["server.port"] = upstream.Address.Port,
                ["url.scheme"] = "http",
                ["gen_ai.provider.name"] = "openai",
                ["headroom.upstream"] = "OpenAI",
                ["headroom.choice"] = "default",
                ["http.response.status_code"] = 201,
                ["network.protocol.version"] = "1.1",
            },
            span.TagObjects.ToDictionary());
    }

    [TestMethod]
    public async Task Tells_the_version_of_an_http2_upstream()
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(_ => Task.CompletedTask);
        using var spans = new Spans(upstream.Address);
        await using var host = await Gateway.ToAsync(upstream);
        await SendAsync(host, "GET", "/v1/models");

        Assert.AreEqual("2", (await spans.NextAsync()).GetTagItem("network.protocol.version"));
    }

    [TestMethod]
    [DataRow("POST", 429, "429")]
    [DataRow("GET", 0, "response_ended")]
    public async Task Tells_a_failure(string method, int status, string error)
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            if (status == 0)
            {
                exchange.Abort();
            }
            else
            {
                await exchange.RespondAsync(status);
            }
        });
        using var spans = new Spans(upstream.Address);
        await using var host = await Gateway.ToAsync(upstream.Address);
        await SendAsync(host, method, "/v1/models");

        var span = await spans.NextAsync();
        Assert.AreEqual((ActivityStatusCode.Error, error), (span.Status, span.GetTagItem("error.type")));
        Assert.AreEqual(status == 0 ? null : (object)status, span.GetTagItem("http.response.status_code"));
    }

    [TestMethod]
    public async Task Holds_nothing_that_the_caller_wrote_but_the_host()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "", ("x-answer", "S3CRET")));
        using var spans = new Spans(upstream.Address);
        await using var host = await Gateway.ToAsync(upstream.Address, ("Headroom:Upstreams:named", upstream.Address.ToString()));
        await SendAsync(host, "S3CRET", "/@named/S3CRET?key=S3CRET", "Authorization: Bearer S3CRET", "X-S3CRET: y");

        var span = await spans.NextAsync();
        Assert.AreEqual(("HTTP", "_OTHER", "name"), (span.DisplayName, span.GetTagItem("http.request.method"), span.GetTagItem("headroom.choice")));
        Assert.DoesNotContain("S3CRET", string.Join(" ", span.TagObjects) + span.DisplayName + span.StatusDescription);
    }

    [TestMethod]
    public async Task Lasts_until_the_answer_is_copied_and_is_the_apps_handlers_current_one()
    {
        var current = new TaskCompletionSource<string?>();
        var read = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync();
            await exchange.WriteChunkAsync("part");
            await read.Task;
            await exchange.EndChunksAsync();
        });
        using var spans = new Spans(upstream.Address);
        await using var host = await Gateway.ToAsync(
            upstream.Address, proxy => proxy.ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Watch(current))));
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models"));
        var response = await client.ReadResponseAsync();
        await response.ReadAsync(4);
        Assert.AreEqual(0, spans.Count);

        read.SetResult();
        await response.ReadToEndAsync();
        Assert.AreEqual((await spans.NextAsync()).Id, await current.Task);
    }

    [TestMethod]
    public async Task The_metrics_of_HttpClient_stay()
    {
        await using var upstream = RawUpstream.Start();
        var measured = new TaskCompletionSource<string?>();
        using var meter = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.client.request.duration")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meter.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (tags.ToArray().Contains(new("server.port", upstream.Address.Port)))
            {
                measured.TrySetResult(string.Join(" ", tags.ToArray()));
            }
        });
        meter.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        await SendAsync(host, "GET", "/v1/models?key=S3CRET");

        Assert.DoesNotContain("S3CRET", (await Patience.For(measured.Task, "a measurement"))!);
    }

    private static async Task SendAsync(GatewayHost host, string method, string target, params string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(method, target, [.. headers, "Content-Length: 0"]));
        await client.ReadResponseAsync();
    }

    private sealed class Watch(TaskCompletionSource<string?> current) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            current.SetResult(Activity.Current?.Id);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>The ended spans of requests to one upstream.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly System.Threading.Channels.Channel<Activity> _ended = System.Threading.Channels.Channel.CreateUnbounded<Activity>();
        private readonly ActivityListener _listener;

        public Spans(Uri upstream)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Headroom.Routing",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if (activity.GetTagItem("server.port") is int port && port == upstream.Port)
                    {
                        _ended.Writer.TryWrite(activity);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public int Count => _ended.Reader.Count;

        public Task<Activity> NextAsync() => Patience.For(_ended.Reader.ReadAsync().AsTask(), "a span to end");

        public void Dispose() => _listener.Dispose();
    }
}
