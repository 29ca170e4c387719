using System.Text;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Tests.Diagnostics;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>Keys and tokens of the configuration show up nowhere but at their upstream: in no log line, measurement, span, answer or explanation.</summary>
[TestClass]
public sealed class OperatorKeySecrecyTests
{
    private const string Secret = "S3CRET";

    [TestMethod]
    public async Task However_a_request_ends()
    {
        using var closed = new ClosedPort();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            Assert.Contains(Secret, exchange.Request.HeadText);
            switch (exchange.Request.Target.Split('/')[^1])
            {
                case "break":
                    await exchange.StartChunkedAsync();
                    await exchange.WriteChunkAsync("part");
                    exchange.Close();
                    break;
                case "garbage":
                    await exchange.WriteAsync("nonsense\r\n\r\n");
                    exchange.Close();
                    break;
                case "silent":
                    exchange.Close();
                    break;
                default:
                    await exchange.RespondAsync(500, "answer");
                    break;
            }
        });
        var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Logging.AddFilter<LogCapture>(_ => true);
                builder.Services.ConfigureHttpClientDefaults(client => client.AddDefaultLogger());
                builder.Services.AddAuthentication().AddHeadroomTokens();
                builder.Services.AddAuthorization(options => options.AddPolicy("nobody", policy => policy.RequireAssertion(_ => false)));
                builder.AddProxyTo(
                    upstream.Address,
                    ("Headroom:RevealUpstream", "true"),
                    ("Headroom:Tokens:a", Secret + "-token"),
                    ("Headroom:Providers:OpenAI:Headers:Authorization", "Bearer " + Secret),
                    ("Headroom:Upstreams:down", closed.Address.ToString()), ("Headroom:Upstreams:down:Headers:api-key", Secret),
                    ("Headroom:Upstreams:bound", upstream.Address.ToString()), ("Headroom:Upstreams:bound:Headers:api-key", Secret), ("Headroom:Upstreams:bound:AllowCallers:0", "nobody"))
                    .ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new Telling()));
            },
            app => app.MapHeadroomRoutes());
        var answers = new StringBuilder();
        using (var telemetry = new Telemetry(host, upstream.Address.Port))
        {
            await using (host)
            {
                foreach (var path in new[] { "/v1/models", "/v1/models/break", "/v1/models/garbage", "/v1/models/silent", "/v1/models/throw", "/@down/x", "/@bound/x", "/@nobody/x" })
                {
                    foreach (var upgrade in new[] { "X: y", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" })
                    {
                        await using var client = await RawClient.ConnectAsync(host.Address);
                        await client.SendAsync(Gateway.Request("GET", path, "X-Headroom-Proxy-Token: " + Secret + "-token", "Authorization: Bearer callers", upgrade));
                        try
                        {
                            var answer = await client.ReadResponseAsync();
                            answers.Append(answer.HeadText).Append((await answer.ReadToEndAsync()).Text);
                        }
                        catch (IOException)
                        {
                            // An answer that broke off ends with a reset.
                        }
                    }
                }

                var options = host.Services.GetRequiredService<CurrentOptions>();
                foreach (var path in new[] { "/v1/models", "/@down/x", "/@bound/x" })
                {
                    answers.AppendJoin('\n', options.Current.Resolver.Explain("GET", path, new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>()).Steps.Select(step => step.Result));
                }

                answers.Append(JsonSerializer.Serialize(options.Options)).Append(options.Options).Append(options.Current);
                Reload(host, ("Headroom:Upstreams:down:Headers:api-key", Secret + "\n"), ("Headroom:Tokens:b", Secret + " "), ("Headroom:Upstreams:down:Headers:x y", Secret));
                Assert.IsTrue(host.Logs.Entries.Any(entry => entry is { EventId.Id: 11 } && entry.Mentions("Headroom:Upstreams:down:Headers:api-key")));
            }

            Assert.IsNotEmpty(telemetry.Spans);
            answers.AppendJoin('\n', telemetry.Measured).AppendJoin('\n', telemetry.Spans.SelectMany(span => span.TagObjects.Select(tag => $"{span.DisplayName} {tag}")));
        }

        Assert.DoesNotContain(Secret, answers.ToString());
        Assert.IsEmpty(host.Logs.Mentioning(Secret));
        Assert.IsGreaterThanOrEqualTo(8, upstream.Requests.Count);
    }

    [TestMethod]
    [DataRow("Headroom:Upstreams:a:Headers:api-key", "S3CRET\n")]
    [DataRow("Headroom:Upstreams:a:Headers:Connection", "S3CRET")]
    [DataRow("Headroom:Upstreams:a:Headers:api-key:0", "S3CRET")]
    [DataRow("Headroom:Providers:OpenAI:Headers:api key", "S3CRET")]
    [DataRow("Headroom:Providers:Bedrock:Headers:api-key", "S3CRET")]
    [DataRow("Headroom:Providers:OpenAI:Headers", "S3CRET")]
    [DataRow("Headroom:Tokens", "S3CRET")]
    [DataRow("Headroom:Tokens:0", "S3CRET ")]
    [DataRow("Headroom:Tokens:0", "S3CRET,S3CRET")]
    [DataRow("Headroom:Tokens:0", "S3CRET-of-the-other")]
    [DataRow("Headroom:Tokens:0", "")]
    public async Task Nor_does_a_failed_start_show_them(string key, string value)
    {
        var failure = await Assert.ThrowsExactlyAsync<OptionsValidationException>(() => GatewayHost.StartProxyAsync(
            ("Headroom:Upstreams:a:BaseAddress", "https://a.example"), ("Headroom:Tokens:1", "S3CRET-of-the-other"), (key, value)));

        Assert.Contains(key[..key.LastIndexOf(':')], failure.Message);
        Assert.DoesNotContain(Secret, failure.ToString());
    }

    private static void Reload(GatewayHost host, params (string Key, string Value)[] settings)
    {
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        foreach (var (key, value) in settings)
        {
            configuration[key] = value;
        }

        configuration.Reload();
    }

    /// <summary>A handler of the app that tells all it sees when it fails.</summary>
    private sealed class Telling : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                var answer = await base.SendAsync(request, cancellationToken);
                return request.RequestUri!.AbsolutePath.EndsWith("throw", StringComparison.Ordinal)
                    ? throw new InvalidOperationException($"{answer.RequestMessage} {string.Join(' ', request.Options)}")
                    : answer;
            }
            catch (HttpRequestException e)
            {
                throw new HttpRequestException($"{e} {request} {string.Join(' ', request.Options)}", e);
            }
        }
    }
}
