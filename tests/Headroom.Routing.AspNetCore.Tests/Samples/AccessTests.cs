using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>Whom the sample app lets in, and with which settings it does not even start.</summary>
[TestClass]
public sealed class AccessTests
{
    private const string Token = "--Headroom:Tokens:0=let-me-in";
    private const string Key = "--Headroom:Upstreams:azure:Headers:api-key=S3CRET";
    private const string Azure = "--Headroom:Upstreams:azure=https://one.openai.azure.com";

    public static IEnumerable<object[]> Listening =>
    [
        ["--urls=http://0.0.0.0:0"],
        ["--urls=http://[::]:0"],
        ["--urls=http://*:0"],
        ["--urls=http://+:0"],
        ["--urls=http://gateway.example:0"],
        ["--urls=http://127.0.0.1:0;http://0.0.0.0:0"],
        ["--http_ports=0"],
        ["--Kestrel:Endpoints:Any:Url=http://0.0.0.0:0"],
    ];

    [TestMethod]
    [DynamicData(nameof(Listening))]
    public async Task Beyond_this_machine_it_does_not_start_without_tokens(string listen)
    {
        var error = await FailsAsync(listen);
        Assert.Contains("Headroom__Tokens__0", error);
        Assert.Contains("AllowAnonymous", error);

        Assert.Contains("Headroom__Tokens__0", await FailsAsync(listen, "--AllowAnonymous=false"));
        await using var tokens = await StartAsync(listen, Token);
        await using var anonymous = await StartAsync(listen, "--AllowAnonymous=true");
    }

    [TestMethod]
    [DynamicData(nameof(Listening))]
    public async Task With_a_key_of_the_operators_nothing_but_tokens_will_do(string listen)
    {
        foreach (var provider in new[] { Key, "--Headroom:Providers:OpenAI:Headers:Authorization=Bearer S3CRET" })
        {
            var error = await FailsAsync(listen, Azure, provider, "--AllowAnonymous=true");
            Assert.StartsWith("Headroom:", error);
            Assert.Contains(":Headers: ", error);
            Assert.DoesNotContain("S3CRET", error);
            await using var tokens = await StartAsync(listen, Azure, provider, Token);
        }
    }

    [TestMethod]
    [DataRow("--urls=http://127.0.0.1:0")]
    [DataRow("--urls=http://[::1]:0")]
    [DataRow("--urls=http://127.0.0.1:0;http://[::1]:0")]
    [DataRow("--Kestrel:Endpoints:Own:Url=http://127.0.0.1:0")]
    public async Task On_this_machine_it_asks_for_nothing(string listen)
    {
        await using var app = await StartAsync(listen, Azure, Key);

        Assert.AreEqual(400, await StatusAsync(app, "GET /@no-such-name/x"));
    }

    [TestMethod]
    public async Task Where_there_are_tokens_it_asks_for_one()
    {
        await using var app = await StartAsync("--urls=http://127.0.0.1:0", Token, "--Headroom:Tokens:team=also-me");

        Assert.AreEqual(401, await StatusAsync(app, "GET /@no-such-name/x"));
        Assert.AreEqual(401, await StatusAsync(app, "GET /v1/models", "X-Headroom-Proxy-Token: wrong"));
        Assert.Contains("\"type\":\"unauthorized\"", (await Answer.OfAsync(new Uri(app.Urls.Single()), "GET", "/v1/models")).Body);
        Assert.AreEqual(400, await StatusAsync(app, "GET /@no-such-name/x", "X-Headroom-Proxy-Token: let-me-in"));
        Assert.AreEqual(400, await StatusAsync(app, "GET /@no-such-name/x", "X-Headroom-Proxy-Token: also-me"));
        Assert.AreEqual(200, await StatusAsync(app, "GET /healthz"));
    }

    [TestMethod]
    public async Task Another_scheme_of_the_app_will_do()
    {
        await using var app = await StartAsync(
            ["--urls=http://0.0.0.0:0", Azure, Key], builder => builder.Services.AddAuthorization().AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(
                options => options.Events.OnRedirectToLogin = context =>
                {
                    context.Response.StatusCode = 401;
                    return Task.CompletedTask;
                }));

        Assert.AreEqual(401, await StatusAsync(app, "GET /@azure/x"));
    }

    [TestMethod]
    public async Task A_reload_cannot_do_what_a_start_cannot()
    {
        await using var app = await StartAsync("--urls=http://0.0.0.0:0", Azure, Token);

        Reload(app, ("Headroom:Tokens:0", null));
        Assert.AreEqual(401, await StatusAsync(app, "GET /@azure/x"));
        Assert.AreEqual(400, await StatusAsync(app, "GET /@no-such-name/x", "X-Headroom-Proxy-Token: let-me-in"));

        Reload(app, ("Headroom:Tokens:0", "other"));
        Assert.AreEqual(400, await StatusAsync(app, "GET /@no-such-name/x", "X-Headroom-Proxy-Token: other"));
    }

    [TestMethod]
    public async Task A_reload_does_not_change_whether_tokens_are_asked_for()
    {
        using var logs = new LogCapture();
        await using var open = await StartAsync(["--urls=http://127.0.0.1:0"], builder => builder.Logging.AddProvider(logs));
        Reload(open, ("Headroom:Tokens:0", "first"));
        Assert.AreEqual(400, await StatusAsync(open, "GET /@no-such-name/x"));
        Assert.IsNotEmpty(logs.Mentioning("Restart it for the first token"));

        await using var asking = await StartAsync("--urls=http://127.0.0.1:0", Token);
        Reload(asking, ("Headroom:Tokens:0", null));
        Assert.AreEqual(401, await StatusAsync(asking, "GET /@no-such-name/x"));
        Assert.AreEqual(400, await StatusAsync(asking, "GET /@no-such-name/x", "X-Headroom-Proxy-Token: let-me-in"));
    }

    [TestMethod]
    public async Task The_errors_are_one_line_each()
    {
        var (exit, _, error) = await Tool.RunAsync("--urls=http://0.0.0.0:0", "--environment=Production");

        Assert.AreEqual(1, exit);
        Assert.StartsWith("error: The app listens on http://0.0.0.0:0", error);
        Assert.HasCount(1, error.TrimEnd('\n').Split('\n'), error);
    }

    private static void Reload(WebApplication app, params (string Key, string? Value)[] settings)
    {
        foreach (var (key, value) in settings)
        {
            app.Configuration[key] = value;
        }

        ((IConfigurationRoot)app.Configuration).Reload();
    }

    private static async Task<string> FailsAsync(params string[] args)
    {
        try
        {
            await using var app = await StartAsync(args);
        }
        catch (OptionsValidationException e)
        {
            return e.Failures.Single();
        }

        throw new AssertFailedException($"The app started with {string.Join(' ', args)}.");
    }

    private static Task<WebApplication> StartAsync(params string[] args) => StartAsync(args, _ => { });

    private static async Task<WebApplication> StartAsync(string[] args, Action<WebApplicationBuilder> configure)
    {
        var app = Program.Build(["--environment=Production", "--ShutdownDelay=00:00:00", "--AllowedHosts=*", .. args], builder =>
        {
            builder.Logging.ClearProviders();
            configure(builder);
        });
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static async Task<int> StatusAsync(WebApplication app, string request, params string[] headers)
    {
        var address = new Uri(app.Urls.First());
        await using var client = await RawClient.ConnectAsync(address.IsLoopback ? address : new Uri($"http://127.0.0.1:{address.Port}"));
        await client.SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
        return (await client.ReadResponseAsync()).Status;
    }
}
