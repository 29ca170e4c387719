using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>Who may ask for an explanation, and what it tells nobody.</summary>
[TestClass]
public sealed class ExplainAccessTests
{
    [TestMethod]
    public async Task It_is_behind_the_apps_authorization()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication("None").AddScheme<AuthenticationSchemeOptions, Nobody>("None", null);
                builder.Services.AddAuthorization();
                upstreams.AddTo(builder);
            },
            app => app.MapHeadroomExplain().RequireAuthorization());

        Assert.AreEqual(401, (await Explained.SendAsync(gateway.Address, "GET", "/headroom/explain/v1/models?dns=true")).Status);
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    [DataRow("Origin: https://evil.example")]
    [DataRow("Sec-Fetch-Mode: navigate")]
    [DataRow("Sec-Fetch-Site: cross-site")]
    [DataRow("Origin: http://localhost:1", "Access-Control-Request-Method: GET")]
    public async Task A_page_on_the_web_learns_nothing(params string[] headers)
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync();
        const string Target = "/v1/models?dns=true";

        var (status, head, body) = await Explained.SendAsync(gateway.Address, headers.Length == 2 ? "OPTIONS" : "GET", "/headroom/explain" + Target, headers);

        Assert.AreEqual(403, status);
        Assert.Contains("X-Headroom-Error: origin_not_allowed", head);
        Assert.Contains("Cache-Control: no-store", head);
        Assert.DoesNotContain("api.openai.com", body);
        Assert.AreEqual((0, 0), upstreams.Touched);

        // Who asks elsewhere is told that the proxy refuses the page.
        var explained = await Explained.AskAsync(gateway.Services, headers.Length == 2 ? "OPTIONS" : "GET", "/v1/models", headers);
        Assert.AreEqual(("refused", 403, "origin_not_allowed", "browser"), (explained.Outcome, explained.Status, explained.Slug, explained.Steps[^1]));
    }

    [TestMethod]
    [DataRow("Origin: http://localhost:3000")]
    [DataRow("Origin: https://chat.example")]
    public async Task A_page_that_may_call_the_proxy_may_ask(string origin)
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:AllowedOrigins:0", "https://chat.example"));

        Assert.AreEqual("forwarded", (await Explained.AskAsync(gateway.Address, "GET", "/v1/models", origin)).Outcome);
    }

    [TestMethod]
    public async Task The_apps_CORS_policy_decides_about_pages_as_it_does_for_the_proxy()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddCors();
                upstreams.AddTo(builder);
            },
            app =>
            {
                app.UseCors(policy => policy.WithOrigins("https://chat.example"));
                app.MapHeadroomRoutes();
                app.MapHeadroomExplain();
            });

        foreach (var (origin, status) in new[] { ("https://chat.example", 200), ("https://evil.example", 403), ("http://localhost:3000", 403) })
        {
            Assert.AreEqual(status, (await Explained.SendAsync(gateway.Address, "GET", "/v1/models", $"Origin: {origin}")).Status, origin);
            Assert.AreEqual(status, (await Explained.SendAsync(gateway.Address, "GET", "/headroom/explain/v1/models", $"Origin: {origin}")).Status, origin);
        }
    }

    [TestMethod]
    public async Task No_secret_is_in_the_answer()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:AllowedUpstreams:0", "https://a.example"));
        string[] secrets =
        [
            "Authorization: Bearer sk-s3cr3t", "x-api-key: s3cr3t", "x-goog-api-key: s3cr3t", "api-key: s3cr3t", "Cookie: s3cr3t", "baggage: k=s3cr3t", "tracestate: k=s3cr3t",
            "x-headroom-proxy-token: s3cr3t", "x-headroom-tag-key: s3cr3t", "Proxy-Authorization: s3cr3t", "ChatGPT-Account-ID: s3cr3t", "Connection: s3cr3t",
        ];
        foreach (var upstream in new[] { "https://a.example", "https://s3cr3t@a.example", "https://a.example?s3cr3t", "https://b.example", "sk-s3cr3t-0123456789-0123456789-0123456789" })
        {
            var (status, _, body) = await Explained.SendAsync(
                gateway.Address, "POST", "/headroom/explain/v1/chat/completions?key=s3cr3t&s3cr3t", [.. secrets, $"X-Headroom-Upstream: {upstream}"]);

            Assert.AreEqual(200, status);
            Assert.DoesNotContain("s3cr3t", body);
        }

        var listed = await gateway.Services.GetRequiredService<HeadroomExplainer>().ExplainAsync(
            "POST", "/v1/chat/completions?key=s3cr3t&s3cr3t", secrets.Select(header => KeyValuePair.Create(header.Split(':')[0], new Microsoft.Extensions.Primitives.StringValues(header.Split(": ")[1]))));
        Assert.DoesNotContain("s3cr3t", listed.ToString());
        Assert.IsEmpty(gateway.Logs.Mentioning("s3cr3t").Where(entry => entry.Category.StartsWith("Headroom", StringComparison.Ordinal)));
    }

    private sealed class Nobody(
        Microsoft.Extensions.Options.IOptionsMonitor<AuthenticationSchemeOptions> options,
        Microsoft.Extensions.Logging.ILoggerFactory logger,
        System.Text.Encodings.Web.UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }
}
