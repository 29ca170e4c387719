using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Headroom.Routing.AspNetCore.Page;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Page;

/// <summary>Who may see the live page. What it shows of requests is for the operator, and any site can make a person's browser call a loopback address.</summary>
[TestClass]
public sealed class PageAccessTests
{
    private const string Local = "Host: localhost\r\n";

    // Nothing is behind the proxy's own routes.
    private static readonly Uri Nowhere = new("http://127.0.0.1:1");

    // Where a caller seems to come from.
    private const string From = "X-Test-From";

    private static GatewayHost s_plain = null!;
    private static GatewayHost s_authorized = null!;
    private static GatewayHost s_anonymous = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_plain = await StartAsync(page => { });
        s_authorized = await StartAsync(page => page.RequireAuthorization());
        s_anonymous = await StartAsync(page => page.RequireAuthorization().AllowAnonymous());
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_plain.DisposeAsync();
        await s_authorized.DisposeAsync();
        await s_anonymous.DisposeAsync();
    }

    [TestMethod]
    [DataRow("Host: localhost\r\n")]
    [DataRow("Host: LOCALHOST:8787\r\n")]
    [DataRow("Host: gateway.localhost\r\n")]
    [DataRow("Host: 127.0.0.1:8787\r\n")]
    [DataRow("Host: 127.8.9.10\r\n")]
    [DataRow("Host: [::1]:8787\r\n")]
    [DataRow("Host: localhost\r\nX-Test-From: ::1\r\n")]
    [DataRow("Host: localhost\r\nX-Test-From: ::ffff:127.0.0.2\r\n")]
    [DataRow("Host: localhost\r\nSec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n")]
    [DataRow("Host: localhost:8787\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nOrigin: http://localhost:8787\r\n")]
    public async Task A_caller_on_this_machine_is_answered(string headers)
    {
        foreach (var path in Paths())
        {
            Assert.AreEqual(200, (await GetAsync(s_plain, path, headers)).Status, path);
        }
    }

    [TestMethod]
    [DataRow("Host: gateway.example\r\n")]
    [DataRow("Host: localhost.example\r\n")]
    [DataRow("Host: evil-localhost\r\n")]
    [DataRow("Host: 127.0.0.1.example\r\n")]
    [DataRow("Host: 10.0.0.5\r\n")]
    [DataRow("Host: [::2]\r\n")]
    [DataRow("Host: \r\n")]
    [DataRow("Host: localhost\r\nX-Test-From: 203.0.113.9\r\n")]
    [DataRow("Host: localhost\r\nX-Test-From: 10.0.0.5\r\n")]
    [DataRow("Host: localhost\r\nX-Test-From: ::ffff:10.0.0.5\r\n")]
    [DataRow("Host: localhost\r\nX-Test-From: nowhere\r\n")]
    [DataRow("Host: localhost\r\nX-Forwarded-For: 203.0.113.9\r\n")]
    [DataRow("Host: localhost\r\nX-Forwarded-Host: gateway.example\r\n")]
    [DataRow("Host: localhost\r\nX-Real-IP: 203.0.113.9\r\n")]
    [DataRow("Host: localhost\r\nForwarded: for=203.0.113.9\r\n")]
    public async Task Another_caller_or_host_name_is_refused(string headers)
    {
        foreach (var host in (GatewayHost[])[s_plain, s_anonymous])
        {
            foreach (var path in Paths())
            {
                Assert.AreEqual((403, PageAccess.OfThisMachineAlone), await GetAsync(host, path, headers), path);
            }
        }
    }

    [TestMethod]
    [DataRow("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n")]
    [DataRow("Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n")]
    [DataRow("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n")]
    [DataRow("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n")]
    [DataRow("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nOrigin: https://evil.example\r\n")]
    [DataRow("Origin: https://evil.example\r\n")]
    [DataRow("Origin: http://localhost:3000\r\n")]
    [DataRow("Origin: https://localhost\r\n")]
    [DataRow("Origin: null\r\n")]
    [DataRow("Origin: http://localhost\r\nOrigin: http://localhost\r\n")]
    public async Task A_page_of_another_site_is_refused(string headers)
    {
        foreach (var host in (GatewayHost[])[s_plain, s_authorized])
        {
            foreach (var path in Paths())
            {
                Assert.AreEqual((403, PageAccess.OfThisSiteAlone), await GetAsync(host, path, $"{Local}X-Test-User: me\r\n{headers}"), path);
            }
        }
    }

    [TestMethod]
    public async Task Another_site_may_link_to_the_page_alone()
    {
        const string Link = $"{Local}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";

        Assert.AreEqual(200, (await GetAsync(s_plain, "/headroom/", Link)).Status);
        Assert.AreEqual((403, PageAccess.OfThisSiteAlone), await GetAsync(s_plain, "/headroom/events", Link));
    }

    [TestMethod]
    public async Task The_apps_own_authorization_stands_in_for_the_rule_about_this_machine()
    {
        foreach (var path in Paths())
        {
            Assert.AreEqual(401, (await GetAsync(s_authorized, path, Local)).Status, path);
            Assert.AreEqual(200, (await GetAsync(s_authorized, path, $"Host: gateway.example\r\n{From}: 203.0.113.9\r\nX-Forwarded-For: 203.0.113.9\r\nX-Test-User: me\r\n")).Status, path);
        }
    }

    private static IEnumerable<string> Paths() => ["/headroom/", "/headroom/events", .. PageAsset.Others.Select(asset => $"/headroom/{asset.Name}")];

    private static Task<GatewayHost> StartAsync(Action<IEndpointConventionBuilder> conventions) => GatewayHost.StartAsync(
        builder =>
        {
            builder.AddProxyTo(Nowhere);
            builder.Services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, UserHeader>("Test", null);
            builder.Services.AddAuthorization();
        },
        app =>
        {
            app.Use((context, next) =>
            {
                if (context.Request.Headers.TryGetValue(From, out var from))
                {
                    context.Connection.RemoteIpAddress = IPAddress.TryParse(from, out var address) ? address : null;
                }

                return next();
            });
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapHeadroomRoutes();
            conventions(app.MapHeadroomPage());
        });

    // The status, and the body where it is a refusal. An answer that streams is left at its head.
    private static async Task<(int Status, string Body)> GetAsync(GatewayHost host, string path, string headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync($"GET {path} HTTP/1.1\r\n{headers}\r\n");
        var response = await client.ReadResponseAsync();
        return (response.Status, response.Status == 403 ? (await response.ReadToEndAsync()).Text : "");
    }

    private sealed class UserHeader(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Request.Headers.ContainsKey("X-Test-User")
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity("Test")), "Test"))
            : AuthenticateResult.NoResult());
    }
}
