using System.Diagnostics;
using System.Diagnostics.Metrics;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Page;
using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Headroom.Routing.AspNetCore.Tests.Diagnostics;

/// <summary>
/// A request has a secret in every place that can hold one, and all that an app can turn on listens: none of it holds a secret afterwards, however the
/// request ended. Not in parallel, because OpenTelemetry's instrumentations are for the whole process.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class SecretsTests
{
    private const string Secret = "S3CRET";

    private static readonly string[] Secrets =
    [
        "Authorization: Bearer S3CRET-authorization", "x-api-key: S3CRET-x-api-key", "x-goog-api-key: S3CRET-x-goog-api-key", "api-key: S3CRET-api-key",
        "Cookie: session=S3CRET-cookie", "X-Headroom-Proxy-Token: S3CRET-token", "baggage: tenant=S3CRET-baggage", "tracestate: a=S3CRET-state",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "User-Agent: S3CRET-agent",
    ];

    // Each is a request line's method and target, the header that names the upstream, and how it ends.
    private static readonly (string Request, string Upstream, int Status)[] Requests =
    [
        ("POST /v1/responses?key=S3CRET-query", "", 200),
        ("POST /v1/responses?key=S3CRET-query", "UPSTREAM", 200),
        ("POST /v1/chat/completions/stream?key=S3CRET-query", "UPSTREAM", 200),
        ("POST /v1/responses/fail?key=S3CRET-query", "", 500),
        ("POST /v1/responses/break?key=S3CRET-query", "", -1),
        ("POST /@named/S3CRET-path?key=S3CRET-query", "", 200),
        ("POST /upstream/S3CRET-path?key=S3CRET-query", "UPSTREAM", 200),
        ("POST /@down/S3CRET-path?key=S3CRET-query", "", 502),
        ("POST /@nobody/S3CRET-path?key=S3CRET-query", "", 400),
        ("POST /upstream/S3CRET-path?key=S3CRET-query", "", 400),
        ("POST /v1/responses?key=S3CRET-query", "http://user:S3CRET-password@127.0.0.1:1/v1", 400),
        ("POST /v1/responses?key=S3CRET-query", "http://127.0.0.1:1/S3CRET-upstream-path", 403),
        ("POST /v1/responses?key=S3CRET-query", "https://missing.example/S3CRET-upstream-path", 403),
        ("POST /v1/responses/%2e%2e/x?key=S3CRET-query", "", 400),
        ("POST /openai/S3CRET-path?key=S3CRET-query", "", 404),
    ];

    [TestMethod]
    public async Task No_secret_is_logged_measured_traced_explained_or_sent_where_it_does_not_belong()
    {
        using var closed = new ClosedPort();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            var target = exchange.Request.Target;
            if (target.Contains("break", StringComparison.Ordinal) || target.Contains("stream?", StringComparison.Ordinal))
            {
                await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"), ("Set-Cookie", "S3CRET-answer"));
                await exchange.WriteChunkAsync("data: S3CRET-answer\n\n");
                if (target.Contains("break", StringComparison.Ordinal))
                {
                    exchange.Close();
                    return;
                }

                await exchange.EndChunksAsync();
            }
            else
            {
                await exchange.RespondAsync(target.Contains("fail", StringComparison.Ordinal) ? 500 : 200, "S3CRET-answer", ("x-answer", "S3CRET-answer"));
            }
        });
        var spans = new List<Activity>();
        using var tracing = Sdk.CreateTracerProviderBuilder()
            .SetSampler(new AlwaysOnSampler())
            .AddSource("Headroom.Routing").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation()
            .AddProcessor(new Keep(spans)).Build();
        var measured = new List<string>();
        using var meters = ListenToAll(measured);
        var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Logging.AddFilter<LogCapture>(_ => true);
                builder.Services.AddSingleton<IHostResolver>(new FakeResolver());
                builder.AddProxyTo(
                    upstream.Address,
                    ("Headroom:AllowedUpstreams:0", "https://*"), ("Headroom:RevealUpstream", "true"), ("Headroom:PropagateTraceContext", "true"),
                    ("Headroom:Upstreams:named", upstream.Address.ToString()), ("Headroom:Upstreams:down", closed.Address.ToString()));
            },
            app =>
            {
                app.Use(async (context, next) =>
                {
                    Activity.Current?.AddBaggage("tenant", "S3CRET-of-the-app");
                    Baggage.SetBaggage("tenant", "S3CRET-of-the-app");
                    await next(context);
                });
                app.MapHeadroomRoutes();
                app.MapHeadroomExplain();
                app.MapHeadroomPage();
            });
        await using (host)
        {
            foreach (var (request, named, status) in Requests)
            {
                var (method, target) = (request.Split(' ')[0], request.Split(' ')[1]);
                string[] headers = [.. Secrets, $"X-Headroom-Upstream: {named.Replace("UPSTREAM", upstream.Address.ToString(), StringComparison.Ordinal)}"];
                var answer = await SendAsync(host, method, target, headers);
                Assert.AreEqual(status, answer.Status, request);

                var explained = await SendAsync(host, method, "/headroom/explain" + target, headers);
                Assert.AreEqual(200, explained.Status, request);
                AssertNone($"explain {request} {named}", explained.Text.Replace("S3CRET-path", "", StringComparison.Ordinal).Replace("S3CRET-upstream-path", "", StringComparison.Ordinal));
            }

            // The page shows a path, but not what follows a mount.
            await using var page = await PageWatcher.OpenAsync(host);
            Assert.HasCount(Requests.Length, page.Rows);
            AssertNone("page", page.Told.Replace("/openai/S3CRET-path", "", StringComparison.Ordinal));
        }

        // The framework's own lines and scopes tell the request's URL; those are the host's to silence. No header and no body is in any of them.
        foreach (var entry in host.Logs.Mentioning(Secret))
        {
            var said = string.Join(' ', [entry.Message, entry.Exception ?? "", .. entry.State.Select(pair => pair.Value)]);
            if (entry.Category.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal))
            {
                said = WithoutUrl(said);
            }

            AssertNone($"log {entry.Category}", said);
            AssertNone($"scopes of {entry.Category}", WithoutUrl(string.Join(' ', entry.Scopes)));
        }

        lock (measured)
        {
            AssertNone("metrics", string.Join('\n', measured));
            Assert.Contains("headroom.request.duration", string.Join('\n', measured));
        }

        lock (spans)
        {
            Assert.Contains("Headroom.Routing", string.Join(' ', spans.Select(span => span.Source.Name)));
            foreach (var span in spans)
            {
                // The path of the server's span, and its agent, are the instrumentation's, and for the host to redact.
                AssertNone(
                    $"span of {span.Source.Name}",
                    string.Join(' ', span.TagObjects.Where(tag => span.Kind != ActivityKind.Server || tag.Key is not ("url.path" or "user_agent.original")))
                        + span.DisplayName + span.StatusDescription + string.Join(' ', span.Events.Select(one => one.Name + string.Join(' ', one.Tags))));
            }
        }

        await AssertReceivedAsync(upstream);
    }

    // The caller's key, body, query and trace belong to the upstream; the gateway's token and cookie, and what the app knows, do not.
    private static async Task AssertReceivedAsync(RawUpstream upstream)
    {
        for (var i = Requests.Count(one => one.Status is 200 or 500 or -1); i > 0; i--)
        {
            var request = await upstream.NextRequestAsync();
            Assert.AreEqual("Bearer S3CRET-authorization", request.Values("Authorization").Single());
            Assert.AreEqual("tenant=S3CRET-baggage", request.Values("baggage").Single());
            var head = string.Join('\n', request.Headers.Select(header => $"{header.Name}: {header.Value}"));
            foreach (var foreign in (string[])["S3CRET-cookie", "S3CRET-token", "S3CRET-of-the-app", "x-headroom"])
            {
                Assert.DoesNotContain(foreign, head, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    private static string WithoutUrl(string text) =>
        text.Replace("S3CRET-query", "", StringComparison.Ordinal).Replace("S3CRET-path", "", StringComparison.Ordinal);

    private static void AssertNone(string where, string text)
    {
        var place = text.IndexOf(Secret, StringComparison.OrdinalIgnoreCase);
        Assert.IsLessThan(0, place, $"{where}: {text[Math.Max(0, place - 100)..]}");
    }

    private static async Task<(int Status, string Text)> SendAsync(GatewayHost host, string method, string target, string[] headers)
    {
        const string Body = "S3CRET-body";
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(method, target, [.. headers, $"Content-Length: {Body.Length}", "Connection: close"]) + Body);
        try
        {
            var response = await client.ReadResponseAsync();
            var body = await response.ReadToEndAsync();
            return (body.End == StreamEnd.Clean ? response.Status : -1, body.Text);
        }
        catch (IOException)
        {
            // An answer that broke off ends with a reset, which may overtake what was sent before it.
            return (-1, "");
        }
    }

    private static MeterListener ListenToAll(List<string> measured)
    {
        var listener = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<int>(Write);
        listener.SetMeasurementEventCallback<long>(Write);
        listener.SetMeasurementEventCallback<double>(Write);
        listener.Start();
        return listener;

        void Write<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            lock (measured)
            {
                measured.Add($"{instrument.Name} {string.Join(' ', tags.ToArray())}");
            }
        }
    }

    private sealed class Keep(List<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            lock (spans)
            {
                spans.Add(data);
            }
        }
    }
}
