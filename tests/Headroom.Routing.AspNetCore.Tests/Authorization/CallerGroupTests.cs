using Headroom.Routing.AspNetCore.Tests.Explaining;
using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Authorization;

/// <summary>Who reaches what, by <c>Headroom:Callers</c> alone.</summary>
[TestClass]
public sealed class CallerGroupTests
{
    [TestMethod]
    public async Task Without_groups_everybody_reaches_what_the_app_allows()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, authorization: false);

        Assert.AreEqual(200, await StatusAsync(host, "", "/v1/models"));
        Assert.AreEqual(200, await StatusAsync(host, "", "/@openrouter/v1/models"));
    }

    [TestMethod]
    public async Task With_a_group_others_reach_nothing()
    {
        using var upstreams = new EchoHandler();
        var host = await StartAsync(upstreams, authorization: false, ("acme:Claim:Type", "tenant"), ("acme:Providers:0", "OpenAI"));
        await using (host)
        {
            Assert.AreEqual(200, await StatusAsync(host, "tenant=any", "/v1/responses"));
            Assert.AreEqual(403, await StatusAsync(host, "", "/v1/responses"));
            Assert.AreEqual(403, await StatusAsync(host, "tenant=any", "/v1/messages"));
        }

        var refused = host.Logs.Entries.Where(entry => entry.EventId.Name == "Refused").Select(entry => entry.Message).ToArray();
        Assert.Contains("https://api.openai.com: the caller is in no group of Headroom:Callers", refused[0]);
        Assert.Contains("https://api.anthropic.com: Headroom:Callers:acme: no entry", refused[1]);
    }

    [TestMethod]
    public async Task Everyone_are_those_too_who_do_not_authenticate()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(
            upstreams, authorization: false,
            ("all:Everyone", "true"), ("all:Providers:0", "OpenAI"), ("acme:Claim:Type", "tenant"), ("acme:Providers:0", "Anthropic"));

        Assert.AreEqual(200, await StatusAsync(host, "", "/v1/responses"));
        Assert.AreEqual(403, await StatusAsync(host, "", "/v1/messages"));
        Assert.AreEqual(200, await StatusAsync(host, "tenant=x", "/v1/responses"));
        Assert.AreEqual(200, await StatusAsync(host, "tenant=x", "/v1/messages"));
    }

    [TestMethod]
    public async Task A_claim_and_a_policy_must_both_hold()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(
            upstreams, authorization: true,
            ("acme:Claim:Type", "TENANT"), ("acme:Claim:Value", "acme"), ("acme:Policy", "adults"), ("acme:Providers:0", "OpenAI"));

        Assert.AreEqual(200, await StatusAsync(host, "tenant=acme;age=18", "/v1/responses"));
        Assert.AreEqual(403, await StatusAsync(host, "tenant=acme", "/v1/responses"));
        Assert.AreEqual(403, await StatusAsync(host, "age=18", "/v1/responses"));
        Assert.AreEqual(403, await StatusAsync(host, "tenant=ACME;age=18", "/v1/responses"));
    }

    [TestMethod]
    public async Task A_group_adds_nothing_to_what_the_app_allows()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, authorization: false, ("all:Everyone", "true"), ("all:AllowedUpstreams:0", "https://*"), ("all:AllowedUpstreams:1", "http://10.0.0.1"));

        Assert.AreEqual(200, await StatusAsync(host, "", "/v1/models", "https://openrouter.ai/api/v1"));
        Assert.AreEqual(403, await StatusAsync(host, "", "/v1/models", "https://unlisted.example"));
        Assert.AreEqual(403, await StatusAsync(host, "", "/v1/models", "http://10.0.0.1"));
    }

    // Its wildcard stands for public hosts. That the operator opened an internal one for others must not make it reachable.
    [TestMethod]
    [DataRow("http://*:*", 403)]
    [DataRow("http://internal.example:*", 200)]
    public async Task A_wildcard_of_a_group_reaches_no_internal_address_of_an_upstream_that_the_operator_opened(string entry, int status)
    {
        await using var inside = RawUpstream.Start();
        var origin = $"http://internal.example:{inside.Address.Port}";
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IHostResolver>(new FakeResolver { Names = { ["internal.example"] = ["127.0.0.1"] } });
                builder.Services.AddHeadroomProxy(options =>
                {
                    options.Providers["OpenAI"] = new ProviderOptions { BaseAddress = origin };
                    options.Upstreams["inside"] = origin;
                    options.Callers["all"] = new() { Everyone = true, AllowedUpstreams = { entry } };
                });
            },
            app => app.MapHeadroomRoutes());

        foreach (var (path, upstream) in new[] { ("/v1/models", ""), ("/v1/models", "inside"), ("/@inside/v1/models", ""), ("/v1/models", origin), ("/upstream/models", origin) })
        {
            Assert.AreEqual(status, await StatusAsync(host, "", path, upstream), $"{path} {upstream}");
        }

        Assert.AreEqual(status == 403 ? 0 : 1, Math.Min(1, await inside.CountConnectionsAsync()));
    }

    [TestMethod]
    public async Task The_widest_of_a_callers_groups_counts()
    {
        await using var inside = RawUpstream.Start();
        var origin = inside.Address.GetLeftPart(UriPartial.Authority);
        await using var host = await StartOverSocketsAsync(
            ("Providers:OpenAI:BaseAddress", origin),
            ("Callers:a:Claim:Type", "a"), ("Callers:a:AllowedUpstreams:0", "http://*:*"),
            ("Callers:b:Claim:Type", "b"), ("Callers:b:Providers:0", "OpenAI"));

        Assert.AreEqual(403, await StatusAsync(host, "a=1", "/v1/models"));
        Assert.AreEqual(200, await StatusAsync(host, "a=1;b=1", "/v1/models"));
        Assert.AreEqual(200, await StatusAsync(host, "b=1", "/v1/models"));
    }

    [TestMethod]
    public async Task A_provider_whose_base_follows_from_the_path_is_opened_wherever_that_leads()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, authorization: false, ("all:Everyone", "true"), ("all:Providers:0", "vertex"));

        Assert.AreEqual(200, await StatusAsync(host, "", "/v1/projects/p/locations/us-central1/x"));
        Assert.AreEqual(200, await StatusAsync(host, "", "/v1/projects/p/locations/eu/x"));
        Assert.AreEqual(403, await StatusAsync(host, "", "/v1beta/models"));
        Assert.AreEqual(403, await StatusAsync(host, "", "/v1/projects/p/locations/eu/x", "openrouter"));
    }

    [TestMethod]
    public async Task The_catalog_is_opened_whole_or_by_names()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(
            upstreams, authorization: false,
            ("a:Claim:Type", "a"), ("a:AllowCatalog", "true"), ("b:Claim:Type", "b"), ("b:Upstreams:0", "deepseek"));

        foreach (var (path, upstream, a, b) in new[]
        {
            ("/@deepseek/v1/models", "", 200, 200),
            ("/v1/messages", "https://api.deepseek.com/anthropic", 200, 200),
            ("/v1/models", "https://openrouter.ai/api/v1", 200, 403),
            ("/v1/models", "", 200, 403), // api.openai.com is in the catalog too
            ("/v1/models", "https://azure.example", 403, 403),
        })
        {
            Assert.AreEqual(a, await StatusAsync(host, "a=1", path, upstream), $"a: {path} {upstream}");
            Assert.AreEqual(b, await StatusAsync(host, "b=1", path, upstream), $"b: {path} {upstream}");
        }
    }

    [TestMethod]
    public async Task An_explanation_tells_which_groups_may()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(
            upstreams, authorization: false,
            ("acme:Claim:Type", "tenant"), ("acme:Providers:0", "OpenAI"), ("labs:Claim:Type", "lab"), ("labs:AllowedUpstreams:0", "https://*"));

        var explained = await Explained.AskAsync(host.Services, "GET", "/v1/responses");
        Assert.AreEqual("forwarded", explained.Outcome);
        Assert.AreEqual("Members of Headroom:Callers:acme, Headroom:Callers:labs (public addresses only); nobody else.", explained.Step("callers"));

        explained = await Explained.AskAsync(host.Services, "GET", "/v1/messages", "X-Headroom-Upstream: http://127.0.0.1:1");
        Assert.IsNull(explained.Step("callers"));

        await using var narrow = await StartAsync(upstreams, authorization: false, ("acme:Claim:Type", "tenant"), ("acme:Providers:0", "OpenAI"));
        explained = await Explained.AskAsync(narrow.Services, "GET", "/v1/messages");
        Assert.AreEqual((403, "upstream_not_allowed"), (explained.Status, explained.Slug));
        Assert.AreEqual("https://api.anthropic.com: no group of Headroom:Callers may reach it", explained.Json.GetProperty("refusal").GetProperty("cause").GetString());
    }

    [TestMethod]
    public async Task A_reload_changes_who_may_go_where_and_streams_that_run_are_not_lost()
    {
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await KestrelUpstream.StartAsync(async context =>
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                while (await Forwarding.WebSocketClient.ReceiveAsync(socket, context.RequestAborted) is { } text)
                {
                    await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text), System.Net.WebSockets.WebSocketMessageType.Text, true, context.RequestAborted);
                }

                return;
            }

            await context.Response.Body.WriteAsync("data: first\n\n"u8.ToArray(), context.RequestAborted);
            await ending.Task;
            await context.Response.Body.WriteAsync("data: last\n\n"u8.ToArray(), context.RequestAborted);
        });
        await using var host = await StartOverSocketsAsync(
            ("Providers:OpenAI:BaseAddress", upstream.Address.OriginalString),
            ("Callers:acme:Claim:Type", "tenant"), ("Callers:acme:Claim:Value", "acme"), ("Callers:acme:Providers:0", "OpenAI"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/responses") { Headers = { { CallerToken.Header, "tenant=acme" } } };
        using var response = await host.CreateClient().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(stream);
        Assert.AreEqual("data: first", await reader.ReadLineAsync());
        using var socket = await Forwarding.WebSocketClient.ConnectAsync(host, http2: false, configure: options => options.SetRequestHeader(CallerToken.Header, "tenant=acme"));
        await socket.SendAsync("one");
        Assert.AreEqual("one", await socket.ReceiveAsync());

        Reload(host, ("Headroom:Callers:acme:Claim:Value", "other"));

        Assert.AreEqual(403, await StatusAsync(host, "tenant=acme", "/v1/responses"));
        ending.SetResult();
        Assert.AreEqual(200, await StatusAsync(host, "tenant=other", "/v1/responses"));
        await socket.SendAsync("two");
        Assert.AreEqual("two", await socket.ReceiveAsync());
        Assert.AreEqual("\ndata: last\n\n", await reader.ReadToEndAsync());
    }

    [TestMethod]
    public async Task An_invalid_reload_keeps_the_groups()
    {
        using var upstreams = new EchoHandler();
        var host = await StartAsync(upstreams, authorization: true, ("acme:Claim:Type", "tenant"), ("acme:Providers:0", "OpenAI"));
        await using (host)
        {
            Reload(host, ("Headroom:Callers:acme:Policy", "no-such-policy"), ("Headroom:Callers:all:Everyone", "true"), ("Headroom:Callers:all:Providers:0", "OpenAI"));

            Assert.AreEqual(200, await StatusAsync(host, "tenant=acme", "/v1/responses"));
            Assert.AreEqual(403, await StatusAsync(host, "", "/v1/responses"));
        }

        Assert.Contains("Headroom:Callers:acme:Policy: there is no authorization policy 'no-such-policy'", Assert.ContainsSingle(host.Logs.Entries.Where(entry => entry.EventId.Name == "ReloadRefused")).Message);
    }

    private static Task<GatewayHost> StartAsync(EchoHandler upstreams, bool authorization, params (string Key, string Value)[] callers) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(callers.Select(setting => ($"Headroom:Callers:{setting.Key}", setting.Value)));
            CallerToken.Add(builder.Services);
            if (authorization)
            {
                builder.Services.AddAuthorizationBuilder().AddPolicy("adults", policy => policy.RequireClaim("age", "18"));
            }

            builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
        },
        app => app.MapHeadroomRoutes());

    private static Task<GatewayHost> StartOverSocketsAsync(params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings.Select(setting => ($"Headroom:{setting.Key}", setting.Value)));
            CallerToken.Add(builder.Services);
            builder.Services.AddHeadroomProxy();
        },
        app => app.MapHeadroomRoutes());

    private static async Task<int> StatusAsync(GatewayHost host, string claims, string path, string upstream = "") =>
        (await Answer.OfAsync(host.Address, "GET", path, $"{CallerToken.Header}: {claims}", $"X-Headroom-Upstream: {upstream}")).Status;

    private static void Reload(GatewayHost host, params (string Key, string Value)[] changes)
    {
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        foreach (var (key, value) in changes)
        {
            configuration[key] = value;
        }

        configuration.Reload();
    }
}
