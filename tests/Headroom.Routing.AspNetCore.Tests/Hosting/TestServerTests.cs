using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>A gateway's own tests often run it without a socket; there is no raw request target then.</summary>
[TestClass]
public sealed class TestServerTests
{
    [TestMethod]
    [DataRow("/llm/v1/models", "https://api.openai.com/v1/models")]
    [DataRow("/llm/v1/files/a%20b?limit=2&x=", "https://api.openai.com/v1/files/a%20b?limit=2&x=")]
    [DataRow("/llm/@openrouter/chat/completions", "https://openrouter.ai/api/v1/chat/completions")]
    public async Task The_routes_work_in_a_test_server(string path, string url)
    {
        using var upstreams = new EchoHandler();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
        await using var app = builder.Build();
        app.MapHeadroomRoutes("/llm");
        await app.StartAsync();

        using var response = await app.GetTestClient().GetAsync(new Uri(path, UriKind.Relative));

        Assert.AreEqual(url, response.Headers.GetValues(EchoHandler.Url).Single());
    }
}
