using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Providers;

/// <summary>A provider of the host's own, in a few lines.</summary>
[TestClass]
public sealed class AddProviderTests
{
    [TestMethod]
    [DataRow("/acme/v2/things?x=%2F", "X: y", "https://api.acme.example/acme/v2/things?x=%2F")]
    [DataRow("/acme", "X: y", "https://api.acme.example/acme")]
    [DataRow("/v1/models", "x-acme-key: k", "https://api.acme.example/v1/models")]
    [DataRow("/some/page", "x-acme-key: k", "https://api.acme.example/some/page")]
    public async Task Is_routed_by_its_paths_and_by_its_credentials(string target, string header, string url)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        var answer = await Answer.OfAsync(host.Address, "POST", target, header);

        Assert.AreEqual((url, "Acme", "Configured"), (answer.Url, answer.Provider, answer.Choice), answer.Body);
    }

    [TestMethod]
    [DataRow("anthropic-version: 2023-06-01")]
    [DataRow("x-goog-api-key: k")]
    [DataRow("api-key: k")]
    [DataRow("Authorization: Bearer sk-test")]
    public async Task Its_credentials_win_over_those_of_others(string header)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        Assert.AreEqual("Acme", (await Answer.OfAsync(host.Address, "GET", "/v1/files", header, "x-acme-key: k")).Provider);
        Assert.AreNotEqual("Acme", (await Answer.OfAsync(host.Address, "GET", "/v1/files", header)).Provider);
    }

    [TestMethod]
    [DataRow("ACME_TARGET_API_URL")]
    [DataRow("Headroom:Providers:acme:BaseAddress")]
    public async Task Is_configured_like_the_others(string key)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, (key, "http://10.0.0.9/gw/v1"));

        Assert.AreEqual("http://10.0.0.9/gw/acme/x", (await Answer.OfAsync(host.Address, "GET", "/acme/x")).Url);
    }

    [TestMethod]
    public async Task Honors_an_override()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        var answer = await Answer.OfAsync(host.Address, "GET", "/acme/x", "X-Headroom-Upstream: openrouter");

        Assert.AreEqual(("https://openrouter.ai/api/v1/acme/x", "Acme", "Named"), (answer.Url, answer.Provider, answer.Choice));
    }

    [TestMethod]
    [DataRow("/v1/models/{**path}")]
    [DataRow("/V1/Models/{**anything}")]
    public async Task Its_route_may_have_the_shape_of_another(string template)
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams).AddProvider(new Provider
            {
                Name = "Acme",
                BaseAddress = "https://api.acme.example",
                Credentials = [new("x-acme-key")],
                Routes = [new(template) { Shared = true }],
            }),
            app => app.MapHeadroomRoutes());

        Assert.AreEqual("https://api.acme.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models", "x-acme-key: k")).Url);
        Assert.AreEqual("https://api.openai.com/v1/models/m", (await Answer.OfAsync(host.Address, "GET", "/v1/models/m")).Url);
    }

    [TestMethod]
    [DataRow("true")]
    [DataRow("false")]
    public async Task An_unlisted_path_takes_no_companys_token_to_a_provider(string catchAll)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, ("Headroom:CatchAll", catchAll));
        const string Token = "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln";

        Assert.AreEqual(404, (await Answer.OfAsync(host.Address, "GET", "/v1/ordrs/7", Token)).Status);
        Assert.AreEqual(404, (await Answer.OfAsync(host.Address, "GET", "/v1/ordrs/7")).Status);
        Assert.AreEqual(0, upstreams.Count);
        Assert.AreEqual("https://api.openai.com/v1/ordrs/7", (await Answer.OfAsync(host.Address, "GET", "/v1/ordrs/7", "Authorization: Bearer k")).Url);
        Assert.AreEqual(
            "https://openrouter.ai/api/v1/ordrs/7", (await Answer.OfAsync(host.Address, "GET", "/v1/ordrs/7", Token, "X-Headroom-Upstream: openrouter")).Url);
    }

    [TestMethod]
    public async Task A_slash_too_many_does_not_hide_the_upstreams_name()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        var answer = await Answer.OfAsync(host.Address, "POST", "//@deepseek/v1/chat/completions", "Authorization: Bearer sk-deepseek");

        Assert.AreEqual(("https://api.deepseek.com/v1/chat/completions", "Named"), (answer.Url, answer.Choice), answer.Body);
    }

    [TestMethod]
    public async Task A_misspelled_override_goes_nowhere()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        foreach (var path in new[] { "/v1/models", "/odd", "/acme/x" })
        {
            var answer = await Answer.OfAsync(host.Address, "GET", path, "X-Headroom-Upsteam: openrouter", "Authorization: Bearer sk-test");
            Assert.AreEqual(400, answer.Status, path);
            Assert.Contains("X-Headroom-Upstream", answer.Body);
        }

        Assert.AreEqual(0, upstreams.Count);
    }

    [TestMethod]
    public async Task Its_conditional_route_leaves_the_rest_to_the_app()
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams).AddProvider(new Provider
            {
                Name = "Acme",
                BaseAddress = "https://api.acme.example",
                Routes = [new("/tasks/{id}:{action}") { Methods = ["POST"], Actions = ["run", "stop"], When = new("x-acme-key"), Unless = new("x-dry-run") }],
            }),
            app =>
            {
                app.MapHeadroomRoutes();
                app.MapFallback(() => "page");
            });

        Assert.AreEqual("https://api.acme.example/tasks/7:run", (await Answer.OfAsync(host.Address, "POST", "/tasks/7:run", "x-acme-key: k")).Url);
        Assert.AreEqual("page", (await Answer.OfAsync(host.Address, "POST", "/tasks/7:run")).Body);
        Assert.AreEqual("page", (await Answer.OfAsync(host.Address, "POST", "/tasks/7:edit", "x-acme-key: k")).Body);
        Assert.AreEqual("page", (await Answer.OfAsync(host.Address, "GET", "/tasks/7:run", "x-acme-key: k")).Body);
        Assert.AreEqual("page", (await Answer.OfAsync(host.Address, "POST", "/tasks/7:run", "x-acme-key: k", "x-dry-run: 1")).Body);
    }

    private static Task<GatewayHost> StartAsync(EchoHandler upstreams, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings);
            builder.Services.AddHeadroomProxy()
                .UseUnguardedPrimaryHandler(upstreams)
                .AddProvider(new Provider
                {
                    Name = "Acme",
                    BaseAddress = "https://api.acme.example",
                    BaseAddressVariable = "ACME_TARGET_API_URL",
                    Credentials = [new("x-acme-key")],
                    Routes = [new("/acme/{**rest}")],
                });
        },
        app => app.MapHeadroomRoutes());
}
