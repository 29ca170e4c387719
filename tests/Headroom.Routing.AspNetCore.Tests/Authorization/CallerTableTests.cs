using System.Buffers.Text;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Authorization;

/// <summary>
/// Callers x upstreams x ways to name them: each caller reaches exactly what the policy says, whichever way the request names it. Whoever may not gets the same
/// answer, and nobody is connected to.
/// </summary>
[TestClass]
public sealed class CallerTableTests
{
    private static readonly string Login =
        $"Bearer {Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{Base64Url.EncodeToString("""{"https://api.openai.com/auth":{"chatgpt_account_id":"acct"}}"""u8)}.c2ln";

    /// <summary>Which upstreams each caller may reach.</summary>
    private static readonly (string Claims, string[] Upstreams)[] Callers =
    [
        ("", []),
        ("tenant=nobody", []),
        ("tenant=A", []),
        ("other=a", []),
        ("tenant=a", ["azure"]),
        ("tenant=b", ["lab", "openai", "chatgpt"]),
        ("tenant=a;tenant=b", ["azure", "lab", "openai", "chatgpt"]),
        ("role=admin", ["azure", "beside", "lab", "openai", "chatgpt"]),
    ];

    [TestMethod]
    [DataRow("groups")]
    [DataRow("policy")]
    public async Task Each_caller_reaches_what_the_policy_says_by_every_way(string rules)
    {
        await using var azure = RawUpstream.Start();
        await using var lab = RawUpstream.Start();
        await using var openai = RawUpstream.Start();
        await using var chatGpt = RawUpstream.Start();
        var upstreams = new Dictionary<string, RawUpstream> { ["azure"] = azure, ["beside"] = azure, ["lab"] = lab, ["openai"] = openai, ["chatgpt"] = chatGpt };
        await using var host = await StartAsync(upstreams, rules);
        var (_, unlisted) = await SendAsync(host, new Way("", "/v1/responses", (HeadroomHeaders.Upstream, "http://10.0.0.1")), "role=admin");
        var allowed = 0;
        foreach (var (claims, mayReach) in Callers)
        {
            foreach (var way in Ways(upstreams.ToDictionary(pair => pair.Key, pair => pair.Value.Address.GetLeftPart(UriPartial.Authority))))
            {
                var told = $"{rules}: {claims} to {way}";
                var before = await SeenAsync(upstreams.Values);
                var (status, body) = await SendAsync(host, way, claims);
                if (mayReach.Contains(way.Upstream))
                {
                    allowed++;
                    Assert.AreEqual(200, status, told + body);
                    var request = await upstreams[way.Upstream].NextRequestAsync();
                    Assert.IsEmpty(request.Headers.Where(header => HeadroomHeaders.IsControl(header.Name)), told);
                }
                else
                {
                    Assert.AreEqual(403, status, told);
                    Assert.AreEqual(MessageOf(unlisted), MessageOf(body), told);
                    CollectionAssert.AreEqual(before, await SeenAsync(upstreams.Values), told);
                }
            }
        }

        Assert.IsGreaterThan(100, allowed);
        Assert.IsEmpty(host.Logs.Entries.Where(entry => entry.Level >= LogLevel.Error));
    }

    private static string? MessageOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("error").GetProperty("message").GetString();
    }

    /// <param name="Upstream">Where it leads.</param>
    /// <param name="Target">The request target.</param>
    /// <param name="Headers">What names the upstream.</param>
    private sealed record Way(string Upstream, string Target, params (string Name, string Value)[] Headers)
    {
        public bool Http2 { get; init; }

        public bool WebSocket { get; init; }

        public override string ToString() =>
            $"{Upstream} by {Target} {string.Join(", ", Headers)}{(Http2 ? " over HTTP/2" : "")}{(WebSocket ? " as a WebSocket" : "")}: ";
    }

    private static IEnumerable<Way> Ways(IReadOnlyDictionary<string, string> origins)
    {
        const string Header = HeadroomHeaders.Upstream;
        const string BaseUrl = HeadroomHeaders.BaseUrl;
        const string OriginalPath = HeadroomHeaders.OriginalPath;
        var (azure, lab, openai) = (origins["azure"], origins["lab"], origins["openai"]);
        Way[] plain =
        [
            new("azure", "/v1/responses", (Header, "azure")),
            new("azure", "/v1/responses", (Header, "AZURE")),
            new("azure", "/v1/responses", (BaseUrl, "azure")),
            new("azure", "/v1/responses", (Header, azure + "/azure/v1")),
            new("azure", "/v1/responses", (BaseUrl, azure + "/azure")),
            new("azure", "/@azure/v1/responses"),
            new("azure", "/upstream/responses", (Header, "azure")),
            new("azure", "/upstream/responses", (Header, azure + "/azure/deep")),
            new("azure", "/v1/chat/completions", (Header, azure), (OriginalPath, "/azure/chat/completions")),
            new("azure", "/some/where", (Header, azure + "/azure")),
            new("beside", "/v1/responses", (Header, azure)),
            new("beside", "/v1/responses", (Header, azure + "/other")),
            new("beside", "/v1/responses", (Header, azure + "/azure-too")),
            new("beside", "/upstream/responses", (BaseUrl, azure + "/other")),
            new("beside", "/v1/chat/completions", (Header, azure + "/azure"), (OriginalPath, "/chat/completions")),
            new("lab", "/v1/messages", (Header, lab)),
            new("lab", "/v1/messages", (BaseUrl, lab + "/v1")),
            new("lab", "/upstream/anything", (Header, lab)),
            new("lab", "/v1/chat/completions", (Header, lab), (OriginalPath, "/deep/chat/completions")),
            new("openai", "/v1/responses"),
            new("openai", "/v1/models"),
            new("openai", "/v1/unlisted", ("Authorization", "Bearer sk-x")),
            new("openai", "/v1/responses", (Header, openai)),
            new("openai", "/v1/responses", (BaseUrl, openai + "/v1")),
            new("openai", "/upstream/v1/responses", (Header, openai)),
            new("openai", "/v1/chat/completions", (Header, openai), (OriginalPath, "/v1/chat/completions")),
            new("chatgpt", "/v1/responses", ("Authorization", Login)),
            new("chatgpt", "/v1/responses", ("Authorization", Login), (Header, "azure")),
            new("chatgpt", "/@azure/responses", ("Authorization", Login)),
            new("chatgpt", "/upstream/responses", ("Authorization", Login), (Header, lab)),
        ];
        return plain.SelectMany(way => new[] { way, way with { Http2 = true }, way with { WebSocket = true }, way with { Http2 = true, WebSocket = true } });
    }

    private static async Task<(int Status, string Body)> SendAsync(GatewayHost host, Way way, string claims)
    {
        List<(string Name, string Value)> headers = [.. way.Headers];
        if (claims.Length > 0)
        {
            headers.Add((CallerToken.Header, claims));
        }

        if (way.Http2)
        {
            await using var http2 = await RawHttp2Client.ConnectAsync(host.Http2Address);
            var answer = way.WebSocket
                ? await http2.SendAsync("CONNECT", way.Target, [(":protocol", "websocket"), .. Lowered(("Sec-WebSocket-Version", "13"))])
                : await http2.SendAsync("GET", way.Target, [.. Lowered()]);
            return (answer.Status ?? 0, answer.Text);
        }

        await using var client = await RawClient.ConnectAsync(host.Address);
        if (way.WebSocket)
        {
            headers.AddRange([("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]);
        }

        await client.SendAsync(Gateway.Request("GET", way.Target, [.. headers.Select(header => $"{header.Name}: {header.Value}")]));
        var response = await client.ReadResponseAsync();
        return (response.Status, (await response.ReadToEndAsync()).Text);

        IEnumerable<(string, string)> Lowered(params (string Name, string Value)[] more) => headers.Concat(more).Select(header => (header.Name.ToLowerInvariant(), header.Value));
    }

    // Connections and requests. A connection that is kept would hide another request.
    private static async Task<int[]> SeenAsync(IEnumerable<RawUpstream> upstreams)
    {
        List<int> seen = [];
        foreach (var upstream in upstreams.Distinct())
        {
            seen.AddRange([await upstream.CountConnectionsAsync(), upstream.Requests.Count]);
        }

        return [.. seen];
    }

    private static Task<GatewayHost> StartAsync(IReadOnlyDictionary<string, RawUpstream> upstreams, string rules) => GatewayHost.StartAsync(
        builder =>
        {
            CallerToken.Add(builder.Services);
            builder.Services.AddAuthorization(options =>
            {
                options.AddPolicy("admins", policy => policy.RequireClaim("role", "admin"));
                options.AddPolicy("tenants", policy => policy.AddRequirements(new MayReach()));
            });
            builder.Services.AddSingleton<IAuthorizationHandler>(new ByTable(upstreams));
            builder.Services.AddHeadroomProxy(options =>
            {
                options.Providers["OpenAI"] = new ProviderOptions { BaseAddress = upstreams["openai"].Address.OriginalString };
                options.Providers["ChatGPT"] = new ProviderOptions { BaseAddress = upstreams["chatgpt"].Address.OriginalString };
                options.Upstreams["azure"] = upstreams["azure"].Address + "azure";
                options.AllowedUpstreams.Add(upstreams["azure"].Address.OriginalString);
                options.AllowedUpstreams.Add(upstreams["lab"].Address.OriginalString);
                if (rules != "policy")
                {
                    options.Callers["a"] = new() { Claim = new() { Type = "tenant", Value = "a" }, Upstreams = { "azure" } };
                    options.Callers["b"] = new()
                    {
                        Claim = new() { Type = "tenant", Value = "b" },
                        Providers = { "openai", "ChatGPT" },
                        AllowedUpstreams = { upstreams["lab"].Address.OriginalString },
                    };
                    options.Callers["admins"] = new() { Policy = "admins", AllowedUpstreams = { "http://127.0.0.1:*" } };
                }
            });
        },
        app =>
        {
            app.UseAuthentication();
            var routes = app.MapHeadroomRoutes();
            if (rules != "groups")
            {
                routes.RequireUpstreamAuthorization("tenants");
            }
        });

    private sealed class MayReach : IAuthorizationRequirement;

    /// <summary>The same table as an app's own code.</summary>
    private sealed class ByTable(IReadOnlyDictionary<string, RawUpstream> upstreams) : AuthorizationHandler<MayReach, UpstreamTarget>
    {
        protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, MayReach requirement, UpstreamTarget resource)
        {
            await Task.Yield();
            var claims = string.Join(';', context.User.Claims.Select(claim => $"{claim.Type}={claim.Value}"));
            var upstream = upstreams.First(pair => pair.Value.Address.GetLeftPart(UriPartial.Authority) == resource.Origin).Key;
            if (upstream == "azure" && resource.Uri.AbsolutePath != "/azure" && !resource.Uri.AbsolutePath.StartsWith("/azure/", StringComparison.Ordinal))
            {
                upstream = "beside";
            }

            if (Callers.Single(caller => caller.Claims == claims).Upstreams.Contains(upstream))
            {
                context.Succeed(requirement);
            }
        }
    }
}
