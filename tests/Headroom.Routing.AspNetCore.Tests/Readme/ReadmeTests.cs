using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Headroom.DemoUpstream;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NJsonSchema;
using Tomlyn;
using Tomlyn.Model;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>Every C#, JSON and TOML block of the README and its pages, as a reader would copy it.</summary>
[TestClass]
public sealed class ReadmeTests
{
    public static IEnumerable<object[]> Settings => MarkdownPage.All.SelectMany(page => page.Blocks).Where(block => block.IsSettings).Select(block => (object[])[block]);

    [TestMethod]
    [DynamicData(nameof(Settings))]
    public async Task Settings_start_a_gateway_and_editors_take_them(object shown)
    {
        var block = (CodeBlock)shown;
        using var settings = JsonDocument.Parse(block.Text);
        using var upstreams = new EchoHandler();
        await using var gateway = await StartWithAsync(block.Text, upstreams, builder =>
        {
            var authorization = builder.Services.AddAuthorizationBuilder();
            foreach (var policy in PoliciesIn(settings.RootElement))
            {
                authorization.AddPolicy(policy, one => one.RequireAssertion(_ => true));
            }
        });

        var schema = await JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "src", "Headroom.Routing.AspNetCore", "Configuration", "ConfigurationSchema.json"));
        Assert.IsEmpty(schema.Validate(block.Text), block.ToString());
    }

    [TestMethod]
    [ReadmeBlock("AddHeadroomProxy();\n\nvar app")]
    public async Task The_two_lines_make_a_gateway(string code)
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            code, $"--Headroom:AllowedUpstreams:0={upstream.Address}");

        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", upstream.Address.OriginalString)));
        Assert.AreEqual("/v1/responses", (await upstream.NextRequestAsync()).Target);
    }

    [TestMethod]
    [ReadmeBlock("AddHeadroomTokens")]
    public async Task The_gateway_with_a_token_lets_nobody_in_without_it(string code)
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            code, $"--Headroom:Providers:OpenAI:BaseAddress={upstream.Address}", "--Headroom:Tokens:0=let-me-in");

        Assert.AreEqual(HttpStatusCode.Unauthorized, await PostAsync(program, "/llm/v1/responses"));
        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/llm/v1/responses", ("X-Headroom-Proxy-Token", "let-me-in")));
        var request = await upstream.NextRequestAsync();
        Assert.AreEqual("/v1/responses", request.Target);
        Assert.IsEmpty(request.Values("X-Headroom-Proxy-Token"));
    }

    [TestMethod]
    [ReadmeBlock("per-upstream")]
    public async Task A_limit_counts_for_each_upstream_on_its_own(string code)
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var busy = RawUpstream.Start(async exchange =>
        {
            arrived.SetResult();
            await release.Task;
            await exchange.RespondAsync();
        });
        await using var idle = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            code, $"--Headroom:Upstreams:busy={busy.Address}", $"--Headroom:Upstreams:idle={idle.Address}", "--PerUpstream=1");

        var first = PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", "busy"));
        await Patience.For(Task.WhenAny(arrived.Task, first), "the first request");
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, await PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", "busy")));
        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", "idle")));
        release.SetResult();
        Assert.AreEqual(HttpStatusCode.OK, await first);
    }

    [TestMethod]
    [ReadmeBlock("AddJwtBearer")]
    public async Task A_JWT_for_the_gateway_comes_in_a_header_of_its_own(string code)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var jwt = Jwt(key, """{"iss":"us","aud":"gateway","exp":4102444800}""");
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            code, $"--Headroom:Providers:OpenAI:BaseAddress={upstream.Address}", "--Authentication:Schemes:Bearer:ValidIssuer=us", "--Authentication:Schemes:Bearer:ValidAudience=gateway",
            "--Authentication:Schemes:Bearer:SigningKeys:0:Issuer=us", $"--Authentication:Schemes:Bearer:SigningKeys:0:Value={Convert.ToBase64String(key)}",
            $"--Headroom:Upstreams:keyed={upstream.Address}", "--Headroom:Upstreams:keyed:Headers:Authorization=Bearer sk-of-the-company");

        Assert.AreEqual(HttpStatusCode.Unauthorized, await PostAsync(program, "/v1/responses", ("Authorization", "Bearer sk-callers")));
        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/responses", ("X-Headroom-Proxy-Token", jwt), ("Authorization", "Bearer sk-callers")));
        var request = await upstream.NextRequestAsync();
        Assert.AreEqual("Bearer sk-callers", request.Values("Authorization").Single());
        Assert.IsEmpty(request.Values("X-Headroom-Proxy-Token"));

        Assert.AreEqual(HttpStatusCode.Forbidden, await PostAsync(program, "/v1/responses", ("Authorization", "Bearer " + jwt)));
        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/@keyed/v1/responses", ("Authorization", "Bearer " + jwt)));
        Assert.AreEqual("Bearer sk-of-the-company", (await upstream.NextRequestAsync()).Values("Authorization").Single());
        Assert.HasCount(2, upstream.Requests);
    }

    [TestMethod]
    [ReadmeBlock("OpenAIKeyHandler")]
    public async Task The_key_handler_adds_the_key_for_configured_targets_only(string code)
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            code, $"--Headroom:Providers:OpenAI:BaseAddress={upstream.Address}", "--OpenAIKey=sk-of-the-host");

        await PostAsync(program, "/v1/responses");
        Assert.AreEqual("Bearer sk-of-the-host", (await upstream.NextRequestAsync()).Values("Authorization").Single());
        await PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", upstream.Address.OriginalString));
        Assert.IsEmpty((await upstream.NextRequestAsync()).Values("Authorization"));
    }

    [TestMethod]
    [ReadmeBlock("AddProvider")]
    public async Task A_provider_of_ones_own_is_routed(string code)
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            code, $"--Headroom:Providers:Voyage:BaseAddress={upstream.Address}");

        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/rerank"));
        Assert.AreEqual("/v1/rerank", (await upstream.NextRequestAsync()).Target);
        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/files", ("Authorization", "Bearer pa-key")));
    }

    [TestMethod]
    [ReadmeBlock("request.SetUpstream")]
    public async Task Any_HttpClient_honors_the_header(string code)
    {
        await using var upstream = RawUpstream.Start();
        await ReadmeProgram.RunToEndAsync(SentTo(upstream.Address, code));

        var request = await upstream.NextRequestAsync();
        Assert.AreEqual("/v1/chat/completions", request.Target);
        Assert.IsEmpty(request.Values("X-Headroom-Upstream"));
    }

    [TestMethod]
    [ReadmeBlock("UpstreamScope")]
    public async Task An_IChatClient_reaches_the_upstream_of_its_scope(string code)
    {
        await using var demo = await DemoUpstreamServer.StartAsync();
        await ReadmeProgram.RunToEndAsync(SentTo(demo.Address, code));
    }

    [TestMethod]
    [ReadmeBlock("SelectPipelineByAuthority")]
    public async Task A_dead_upstream_opens_the_circuit_of_no_other(string code)
    {
        await using var upstream = RawUpstream.Start();
        using var dead = new ClosedPort();
        var sending = $$"""

            using var provider = services.BuildServiceProvider();
            var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("llm");
            for (var i = 0; i < 200; i++) // the breaker counts from 100 on
            {
                try
                {
                    await SendAsync("{{dead.Address}}");
                }
                catch (Exception)
                {
                }
            }

            await SendAsync("{{upstream.Address}}");

            async Task SendAsync(string upstream)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "https://api.openai.com/v1/chat/completions");
                request.SetUpstream(upstream);
                using var response = await client.SendAsync(request);
            }
            """;

        await ReadmeProgram.RunToEndAsync(code + sending);
        Assert.HasCount(1, upstream.Requests);

        // One for all.
        var broken = await Assert.ThrowsAsync<Exception>(() => ReadmeProgram.RunToEndAsync(code.Replace(".SelectPipelineByAuthority()", "", StringComparison.Ordinal) + sending));
        Assert.Contains("The circuit is now open", broken.Message);
        Assert.HasCount(1, upstream.Requests);
    }

    [TestMethod]
    [ReadmeBlock("HeadroomSecuritySweep.RunAsync")]
    public async Task The_sweep_finds_nothing(string code) =>
        await ReadmeProgram.RunToEndAsync(code, "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None");

    // The sweep as these callers is CallerSweepTests' affair.
    [TestMethod]
    [ReadmeBlock("HeadroomSecuritySweepOptions")]
    public async Task The_callers_of_the_sweep_can_be_described(string code) => await ReadmeProgram.RunToEndAsync(code);

    [TestMethod]
    [ReadmeBlock("PipelinePolicy")]
    public async Task The_OpenAI_SDK_reaches_the_upstream_in_its_header(string code) =>
        await RunThroughGatewayAsync(code, "POST /v1/chat/completions", "POST /v1/chat/completions");

    [TestMethod]
    [ReadmeBlock("AnthropicClient")]
    public async Task The_Anthropic_SDK_reaches_the_upstream_in_its_header(string code) =>
        await RunThroughGatewayAsync(code, "POST /v1/messages");

    [TestMethod]
    [ReadmeBlock("https://*.openai.azure.com", Language = "json")]
    public async Task The_settings_open_the_upstreams_that_they_list(string settings)
    {
        // The configuration would let comments and trailing commas pass, editors may not.
        using var json = JsonDocument.Parse(settings);
        using var upstreams = new EchoHandler();
        await using var gateway = await StartWithAsync(settings, upstreams);

        foreach (var (chosen, url) in new[]
        {
            ("local", "http://127.0.0.1:11434/v1/models"),
            ("https://llm.mycorp.example", "https://llm.mycorp.example/v1/models"),
            ("https://one.openai.azure.com", "https://one.openai.azure.com/v1/models"),
            ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/models"),
            ("https://unlisted.example", ""),
        })
        {
            Assert.AreEqual(url, (await Answer.OfAsync(gateway.Address, "GET", "/v1/models", $"X-Headroom-Upstream: {chosen}")).Url);
        }
    }

    [TestMethod]
    [ReadmeBlock("\"joinRule\"", Language = "json")]
    public async Task The_sample_explains_a_request_as_it_is_shown(string shown)
    {
        await using var app = Program.Build(["--urls=http://127.0.0.1:0", "--environment=Development", "--DemoUpstream:Url="], builder => builder.Logging.ClearProviders());
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/headroom/explain/v1/chat/completions");
        request.Headers.Add("X-Headroom-Upstream", "https://api.z.ai/api/paas/v4");
        using var response = await client.SendAsync(request);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        using var expected = JsonDocument.Parse(shown);

        foreach (var property in expected.RootElement.EnumerateObject().Where(property => property.Name != "steps"))
        {
            Assert.IsTrue(JsonElement.DeepEquals(property.Value, answer.RootElement.GetProperty(property.Name)), property.Name);
        }

        foreach (var step in expected.RootElement.GetProperty("steps").EnumerateArray())
        {
            Assert.IsTrue(answer.RootElement.GetProperty("steps").EnumerateArray().Any(told => JsonElement.DeepEquals(step, told)), step.ToString());
        }
    }

    [TestMethod]
    [ReadmeBlock("\"Callers\"", Language = "json")]
    public async Task Each_tenant_reaches_what_its_group_may(string settings)
    {
        using var json = JsonDocument.Parse(settings);
        using var upstreams = new EchoHandler();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                CallerToken.Add(builder.Services);
                builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings)));
                builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
            },
            app => app.MapHeadroomRoutes());

        foreach (var (tenant, chosen, status) in new[]
        {
            ("acme", "azure", 200), ("acme", "https://acme.openai.azure.com", 200), ("acme", "", 403), ("acme", "https://any.example", 403),
            ("labs", "azure", 200), ("labs", "", 200), ("labs", "https://any.example", 200), ("labs", "http://any.example", 403),
            ("else", "azure", 403), ("else", "", 403), ("else", "https://any.example", 403),
        })
        {
            var answer = await Answer.OfAsync(gateway.Address, "GET", "/v1/models", $"X-Headroom-Upstream: {chosen}", $"{CallerToken.Header}: tenant={tenant}");
            Assert.AreEqual(status, answer.Status, $"{tenant} {chosen}");
        }
    }

    [TestMethod]
    [ReadmeBlock("\"Tokens\"", Language = "json")]
    public async Task The_keys_go_where_the_settings_say(string settings)
    {
        using var json = JsonDocument.Parse(settings);
        using var upstreams = new EchoHandler();
        ConcurrentQueue<string> sent = [];
        await using var gateway = await StartWithAsync(settings, upstreams, builder =>
        {
            builder.Services.AddAuthorization(options => options.AddPolicy("staff", policy => policy.RequireAssertion(context => ((UpstreamTarget)context.Resource!).Uri.AbsolutePath.EndsWith("models", StringComparison.Ordinal))));
            builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(new KeysSent(sent) { InnerHandler = upstreams });
        });

        foreach (var (path, header, status, keys) in new[]
        {
            ("/v1/models", "Authorization: Bearer sk-callers", 200, "Bearer sk-of-the-company"),
            ("/v1/responses", "Authorization: Bearer sk-callers", 403, null),
            ("/@azure/models", "Authorization: Bearer sk-callers", 200, "key-of-the-company"),
            ("/@local/models", "Authorization: Bearer sk-callers", 200, "Bearer sk-callers"),
            ("/v1/models", "X-Headroom-Upstream: https://api.openai.com", 200, ""),
            ("/v1/models", "X-Headroom-Upstream: https://api.groq.com", 403, null),
            ("/v1/models", "Authorization: Bearer long-and-random", 200, "Bearer sk-of-the-company"),
            ("/@local/models", "Authorization: Bearer long-and-random", 403, null),
            ("/model/m/invoke", "X: y", 404, null),
        })
        {
            Assert.AreEqual(status, (await Answer.OfAsync(gateway.Address, "POST", path, header)).Status, $"{path} {header}");
            Assert.AreEqual(keys, sent.TryDequeue(out var one) ? one : null, $"{path} {header}");
        }
    }

    [TestMethod]
    [ReadmeBlock("GuestHandler")]
    public async Task A_guest_reaches_the_operators_upstreams_only(string code)
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(code, $"--Headroom:Providers:OpenAI:BaseAddress={upstream.Address}");

        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/responses"));
        Assert.AreEqual(HttpStatusCode.Forbidden, await PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", "openrouter")));
    }

    [TestMethod]
    [ReadmeBlock("@ai-sdk/openai-compatible", Language = "json")]
    public async Task OpenCodes_providers_reach_the_upstreams_in_their_headers(string openCode)
    {
        using var upstreams = new EchoHandler();
        await using var gateway = await StartWithAsync("""{ "Headroom": { "AllowedUpstreams": [ "http://127.0.0.1:11434/v1" ] } }""", upstreams);
        using var json = JsonDocument.Parse(openCode);

        foreach (var provider in json.RootElement.GetProperty("provider").EnumerateObject())
        {
            var options = provider.Value.GetProperty("options");
            var path = new Uri(options.GetProperty("baseURL").GetString()!).AbsolutePath + "/chat/completions";
            var named = options.TryGetProperty("headers", out var headers) ? headers.GetProperty("X-Headroom-Upstream").GetString()! : "";
            var answer = await Answer.OfAsync(gateway.Address, "POST", path, $"X-Headroom-Upstream: {named}");
            Assert.AreEqual(200, answer.Status, $"{provider.Name}: {answer.Body}");
            Assert.EndsWith("/chat/completions", answer.Url);
            Assert.StartsWith(named.Contains("://", StringComparison.Ordinal) ? named : "https://", answer.Url);
        }
    }

    [TestMethod]
    [ReadmeBlock("[model_providers.headroom]", Language = "toml")]
    public async Task Codexs_provider_reaches_the_upstream_in_its_header(string codex)
    {
        using var upstreams = new EchoHandler();
        await using var gateway = await StartWithAsync("{}", upstreams);
        var provider = (TomlTable)((TomlTable)TomlSerializer.Deserialize<TomlTable>(codex)!["model_providers"])["headroom"];
        var header = ((TomlTable)provider["http_headers"]).Single();

        Assert.AreEqual("responses", provider["wire_api"]);
        var answer = await Answer.OfAsync(gateway.Address, "POST", new Uri((string)provider["base_url"]).AbsolutePath + "/responses", $"{header.Key}: {header.Value}");
        Assert.AreEqual(header.Value + "/responses", answer.Url);
    }

    // The client is tried by tests/e2e with this very value.
    [TestMethod]
    [ReadmeBlock("selectedType", Language = "json")]
    public void Gemini_CLI_is_told_to_use_a_key(string settings)
    {
        using var json = JsonDocument.Parse(settings);
        var type = json.RootElement.GetProperty("security").GetProperty("auth").GetProperty("selectedType").GetString();

        Assert.Contains($"selectedType: '{type}'", File.ReadAllText(Path.Combine(Repository.Root, "tests", "e2e", "clients", "gemini-cli.mjs")));
    }

    [TestMethod]
    [ReadmeBlock("\"vllm\"", Language = "json")]
    public async Task Names_stand_for_the_old_gateways(string settings)
    {
        using var upstreams = new EchoHandler();
        await using var gateway = await StartWithAsync(settings, upstreams);

        Assert.AreEqual("http://10.1.2.3:8000/v1/models", (await Answer.OfAsync(gateway.Address, "GET", "/@vllm/v1/models")).Url);
        Assert.AreEqual("https://api.deepseek.com/v1/models", (await Answer.OfAsync(gateway.Address, "GET", "/v1/models", "X-Headroom-Upstream: deepseek")).Url);
    }

    [TestMethod]
    [ReadmeBlock("x-portkey-*", Language = "json")]
    public async Task Headers_of_the_old_gateway_do_not_reach_the_provider(string settings)
    {
        await using var upstream = RawUpstream.Start();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings)));
                builder.Services.AddHeadroomProxy(options => options.Providers["OpenAI"] = new() { BaseAddress = upstream.Address.OriginalString });
            },
            app => app.MapHeadroomRoutes());

        await Answer.OfAsync(gateway.Address, "POST", "/v1/responses", "X-Portkey-Virtual-Key: secret");

        Assert.DoesNotContain("secret", (await upstream.NextRequestAsync()).HeadText);
    }

    private static IEnumerable<string> PoliciesIn(JsonElement json) => json.ValueKind != JsonValueKind.Object ? [] : json.EnumerateObject().SelectMany(property => property.Name switch
    {
        "Policy" => [property.Value.GetString()!],
        "AllowCallers" => property.Value.EnumerateArray().Select(policy => policy.GetString()!),
        _ => PoliciesIn(property.Value),
    });

    private static string Jwt(byte[] key, string claims)
    {
        var signed = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)))}";
    }

    private static Task<GatewayHost> StartWithAsync(string settings, EchoHandler upstreams, Action<WebApplicationBuilder>? configure = null) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings)));
            builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
            configure?.Invoke(builder);
        },
        app => app.MapHeadroomRoutes());

    private static async Task RunThroughGatewayAsync(string code, params string[] requests)
    {
        await using var demo = await DemoUpstreamServer.StartAsync();
        var passed = new ConcurrentQueue<string>();
        await using var gateway = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add(demo.Address.OriginalString)),
            app =>
            {
                app.Use((context, next) =>
                {
                    passed.Enqueue($"{context.Request.Method} {context.Request.Path}");
                    return next();
                });
                app.MapHeadroomRoutes();
            });

        await ReadmeProgram.RunToEndAsync(
            SentTo(demo.Address, code).Replace("http://127.0.0.1:8787", gateway.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
        CollectionAssert.AreEqual(requests, passed);
    }

    // The README's code, but to where the test has its upstream.
    private static string SentTo(Uri upstream, string code) =>
        code.Replace("http://127.0.0.1:9999", upstream.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);

    private static async Task<HttpStatusCode> PostAsync(ReadmeProgram program, string path, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient { BaseAddress = program.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private sealed class KeysSent(ConcurrentQueue<string> sent) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.Enqueue(string.Join(' ', request.Headers.NonValidated.Where(header => header.Key is "Authorization" or "api-key").Select(header => header.Value.ToString())));
            return base.SendAsync(request, cancellationToken);
        }
    }
}
