using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Providers;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>
/// Each route of each provider, each way to name an upstream, HTTP/1.1, HTTP/2 and WebSockets: the operator's key is on the wire where the operator put it,
/// without any credential of the caller's, and nowhere else.
/// </summary>
[TestClass]
public sealed class OperatorKeyWireTests
{
    private const string OfOperator = "operators-secret";
    private const string OfCaller = "callers-secret";
    private const string Query = "?a=%2F&key=" + OfCaller + "&b=";

    private static readonly string[] KeyHeaders = ["Authorization", "x-api-key", "api-key", "x-goog-api-key", "X-Amz-Security-Token"];

    // The way, what it puts before the path and into the headers ({0}: the path, {1}: the provider, {2}: the upstream), and whether it can lead to a key.
    public static IEnumerable<object[]> Ways =>
    [
        ["nothing", "", "", true],
        ["a name", "", "X-Headroom-Upstream: keyed", true],
        ["a name in other letters", "", "x-headroom-upstream: KEYED", true],
        ["a name in the other header", "", "x-headroom-base-url: keyed", true],
        ["a name and a path", "", "X-Headroom-Upstream: keyed|x-headroom-original-path: /named/keyed/else{0}", true],
        ["a name in the path", "/@keyed", "", true],
        ["a name at the mount", "/upstream", "X-Headroom-Upstream: keyed", true],
        ["a name without a key", "", "X-Headroom-Upstream: plain", false],
        ["a name without a key in the path", "/@plain", "", false],
        ["the URL of a name", "", "X-Headroom-Upstream: " + "{2}/named/keyed", false],
        ["the URL of a name in the other header", "", "x-headroom-base-url: " + "{2}/named/keyed", false],
        ["the URL of a name at the mount", "/upstream", "X-Headroom-Upstream: " + "{2}/named/keyed", false],
        ["the URL of the base", "", "X-Headroom-Upstream: " + "{2}/provider/{1}", false],
        ["the URL of the base and a path", "", "X-Headroom-Upstream: " + "{2}/provider/{1}" + "|x-headroom-original-path: /named/keyed{0}", false],
    ];

    [TestMethod]
    [DynamicData(nameof(Ways))]
    public async Task Over_HTTP_1_1(string way, string mount, string control, bool mayHaveKey)
    {
        await using var gateway = await Keyed.StartAsync();
        foreach (var (method, target, headers) in gateway.Requests(mount, control))
        {
            await using var client = await RawClient.ConnectAsync(gateway.Host.Address);
            await client.SendAsync(Gateway.Request(method, target, headers));
            Assert.AreEqual(200, (await client.ReadResponseAsync()).Status, $"{way}: {method} {target}");
            Check(await gateway.Upstream.NextRequestAsync(), mayHaveKey, headers, $"{way}: {method} {target} {string.Join(", ", headers)}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Ways))]
    public async Task Over_HTTP_2(string way, string mount, string control, bool mayHaveKey)
    {
        await using var gateway = await Keyed.StartAsync();
        await using var client = await RawHttp2Client.ConnectAsync(gateway.Host.Http2Address);
        foreach (var (method, target, headers) in gateway.Requests(mount, control))
        {
            var sent = await client.SendAsync(method, target, [.. headers.Select(Split).Select(header => (header.Name.ToLowerInvariant(), header.Value))]);
            Assert.AreEqual(200, sent.Status, $"{way}: {method} {target}");
            Check(await gateway.Upstream.NextRequestAsync(), mayHaveKey, headers, $"{way}: {method} {target} {string.Join(", ", headers)}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Ways))]
    public async Task On_a_WebSocket(string way, string mount, string control, bool mayHaveKey)
    {
        await using var gateway = await Keyed.StartAsync();
        foreach (var (_, target, headers) in gateway.Requests(mount, control))
        {
            await using var client = await RawClient.ConnectAsync(gateway.Host.Address);
            await client.SendAsync(Gateway.Request(
                "GET", target,
                [
                    .. headers, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    $"Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.{OfCaller}, openai-beta.realtime-v1",
                ]));
            Assert.AreEqual(200, (await client.ReadResponseAsync()).Status, $"{way}: {target}");
            Check(await gateway.Upstream.NextRequestAsync(), mayHaveKey, headers, $"{way}: {target} {string.Join(", ", headers)}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Ways))]
    public async Task On_a_WebSocket_over_HTTP_2(string way, string mount, string control, bool mayHaveKey)
    {
        await using var gateway = await Keyed.StartAsync();
        string[] paths = ["/v1/realtime", "/v1/chat/completions", "/v1/messages", "/v1beta/models", "/openai", "/any/thing"];
        foreach (var (_, target, headers) in gateway.Requests(mount, control).Where(request => paths.Contains(request.Target[mount.Length..request.Target.IndexOf('?', StringComparison.Ordinal)])))
        {
            using var client = await WebSocketClient.ConnectAsync(gateway.Host, http2: true, target, options =>
            {
                foreach (var (name, value) in headers.Select(Split))
                {
                    options.SetRequestHeader(name, value);
                }
            });
            Check(await gateway.Upstream.NextRequestAsync(), mayHaveKey, headers, $"{way}: {target} {string.Join(", ", headers)}");
        }
    }

    [TestMethod]
    public void Every_route_of_every_provider_is_asked_for() =>
        Assert.IsGreaterThan(KnownProviders.All.Sum(provider => provider.Routes.Count), Routes().Select(route => route.Path).Distinct().Count());

    // What is expected follows from where the request came to, and from the way alone.
    private static void Check(RawRequest request, bool mayHaveKey, string[] headers, string what)
    {
        var owner = request.Target.Split('/', '?')[2];
        var keyed = mayHaveKey && owner != "plain";
        if (keyed)
        {
            Assert.DoesNotContain(OfCaller, request.HeadText, what);
            Assert.AreEqual(KeyOf(owner), request.Values(HeaderOf(owner)).Single(), what);
            Assert.HasCount(1, request.Headers.Where(header => KeyHeaders.Contains(header.Name, StringComparer.OrdinalIgnoreCase)), what);
            Assert.Contains("?a=%2F&b=", request.Target, what);
        }
        else
        {
            Assert.DoesNotContain(OfOperator, request.HeadText, what);
            Assert.Contains(Query, request.Target, what);
            foreach (var (name, value) in headers.Select(Split).Where(header => !HeadroomHeaders.IsControl(header.Name)))
            {
                Assert.AreEqual(value, request.Values(name).Single(), what);
            }
        }

        if (request.Values("Sec-WebSocket-Protocol") is [var protocols])
        {
            Assert.AreEqual(keyed ? "realtime, openai-beta.realtime-v1" : $"realtime, openai-insecure-api-key.{OfCaller}, openai-beta.realtime-v1", protocols, what);
        }
    }

    // With what the route itself asks for, and where the path alone decides, with each credential and all at once.
    private static IEnumerable<(string Provider, string Method, string Path, string[] Credentials)> Routes()
    {
        foreach (var row in ProviderRoutes.All)
        {
            var asked = (string)row[3];
            yield return ((string)row[0], (string)row[1], (string)row[2], asked.EndsWith("key", StringComparison.Ordinal) && !asked.StartsWith("anthropic-version", StringComparison.Ordinal) ? [asked[..^3] + OfCaller] : [asked]);
        }

        foreach (var path in (string[])["/v1/messages", "/v1beta/models", "/v1/chat/completions"])
        {
            foreach (var header in KeyHeaders)
            {
                yield return ("Anthropic", "POST", path, [$"{header}: Bearer {OfCaller}"]);
            }

            yield return ("Anthropic", "POST", path, [.. KeyHeaders.Select(header => $"{header}: {OfCaller}")]);
        }

        yield return ("Gemini", "GET", "/any/thing", [$"x-goog-api-key: {OfCaller}"]);
    }

    private static (string Name, string Value) Split(string header) => (header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..]);

    private static string KeyOf(string owner) => $"Bearer {OfOperator}-{owner}";

    private static string HeaderOf(string owner) => owner switch
    {
        "Anthropic" => "x-api-key",
        "Gemini" => "x-goog-api-key",
        "AzureOpenAI" or "keyed" => "api-key",
        _ => "Authorization",
    };

    /// <summary>A gateway with keys, and one upstream that stands for all: the first two segments tell whose base a request came to.</summary>
    private sealed record Keyed(RawUpstream Upstream, GatewayHost Host) : IAsyncDisposable
    {
        public static async Task<Keyed> StartAsync()
        {
            var upstream = RawUpstream.Start();
            var origin = Origin(upstream);
            var host = await GatewayHost.StartAsync(
                builder =>
                {
                    builder.Logging.ClearProviders();
                    builder.Services.AddHeadroomProxy(options =>
                    {
                        foreach (var name in KnownProviders.All.Select(provider => provider.Name))
                        {
                            options.Providers[name] = new() { BaseAddress = $"{origin}/provider/{name}", Headers = { [HeaderOf(name)] = KeyOf(name) } };
                        }

                        options.Upstreams["keyed"] = new() { BaseAddress = $"{origin}/named/keyed", Headers = { [HeaderOf("keyed")] = KeyOf("keyed") } };
                        options.Upstreams["plain"] = $"{origin}/named/plain";
                        options.AllowedUpstreams.Add(origin);
                    });
                },
                app => app.MapHeadroomRoutes());
            return new Keyed(upstream, host);
        }

        public IEnumerable<(string Method, string Target, string[] Headers)> Requests(string mount, string control) =>
            from route in Routes()
            let named = control.Replace("{0}", route.Path, StringComparison.Ordinal).Replace("{1}", route.Provider, StringComparison.Ordinal).Replace("{2}", Origin(Upstream), StringComparison.Ordinal)
            select (route.Method, mount + route.Path + Query, (string[])[.. named.Split('|', StringSplitOptions.RemoveEmptyEntries), .. route.Credentials]);

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await Upstream.DisposeAsync();
        }

        private static string Origin(RawUpstream upstream) => upstream.Address.OriginalString.TrimEnd('/');
    }
}
