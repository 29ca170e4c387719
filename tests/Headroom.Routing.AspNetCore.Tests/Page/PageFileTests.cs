using System.Text.RegularExpressions;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Page;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Headroom.Routing.AspNetCore.Tests.Page;

/// <summary>The live page's files, and where they are. Its looks and its script are tried in a browser, by tests/e2e/page.sh.</summary>
[TestClass]
public sealed partial class PageFileTests
{
    [TestMethod]
    public async Task Every_answer_keeps_a_browser_from_running_or_framing_what_is_not_of_the_page()
    {
        await using var host = await StartAsync(app => app.MapHeadroomPage());
        foreach (var path in (string[])["/headroom", "/headroom/", "/headroom/events", .. PageAsset.Others.Select(asset => $"/headroom/{asset.Name}")])
        {
            foreach (var name in (string[])["localhost", "gateway.example"])
            {
                var response = await GetAsync(host, path, name);
                Assert.AreEqual(
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
                    response.Values("Content-Security-Policy").Single(), path);
                Assert.AreEqual("nosniff", response.Values("X-Content-Type-Options").Single(), path);
                Assert.AreEqual("no-store", response.Values("Cache-Control").Single(), path);
                Assert.AreEqual("same-origin", response.Values("Cross-Origin-Resource-Policy").Single(), path);
                Assert.IsEmpty(response.Values("Access-Control-Allow-Origin"), path);
            }
        }
    }

    [TestMethod]
    public async Task The_page_refers_to_files_of_its_own_alone()
    {
        await using var host = await StartAsync(app => app.MapHeadroomPage());
        var pending = new Queue<string>(["/headroom/"]);
        var seen = new Dictionary<string, string>();
        while (pending.TryDequeue(out var path))
        {
            var response = await GetAsync(host, path);
            Assert.AreEqual(200, response.Status, path);
            seen[path] = response.Values("Content-Type").Single();
            var content = (await response.ReadToEndAsync()).Text;
            Assert.IsFalse(InlineCode().IsMatch(content), path);
            foreach (var reference in Reference().Matches(content).Select(match => match.Groups["file"].Value.Replace("./", "", StringComparison.Ordinal)))
            {
                Assert.DoesNotContain(':', reference);
                if (!seen.ContainsKey($"/headroom/{reference}"))
                {
                    pending.Enqueue($"/headroom/{reference}");
                }
            }
        }

        CollectionAssert.AreEquivalent(PageAsset.Others.Select(asset => $"/headroom/{asset.Name}").Append("/headroom/").ToArray(), seen.Keys.ToArray());
        Assert.AreEqual("text/html; charset=utf-8", seen["/headroom/"]);
        Assert.AreEqual("text/css; charset=utf-8", seen["/headroom/page.css"]);
        Assert.AreEqual("text/javascript; charset=utf-8", seen["/headroom/page.js"]);
        Assert.AreEqual("image/svg+xml", seen["/headroom/icon.svg"]);
    }

    // The browser refuses it too (Trusted Types), but not every browser.
    [TestMethod]
    public void No_script_makes_HTML_of_text()
    {
        foreach (var script in PageAsset.Others.Where(asset => asset.Name.EndsWith(".js", StringComparison.Ordinal)))
        {
            var code = System.Text.Encoding.UTF8.GetString(script.Content.Span);
            foreach (var sink in (string[])["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "setHTML", "parseFromString", "createContextualFragment", "eval(", "Function(", "setAttribute('style'", "localStorage"])
            {
                Assert.DoesNotContain(sink, code, script.Name);
            }
        }
    }

    [TestMethod]
    [DataRow("/headroom", "./headroom/")]
    [DataRow("/base/headroom", "./headroom/")]
    [DataRow("/ops/live", "./live/")]
    [DataRow("/ops/live?x=1", "./live/")]
    public async Task Without_its_slash_the_page_leads_to_itself(string path, string location)
    {
        await using var host = await StartAsync(app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapHeadroomPage();
            app.MapGroup("/ops").MapHeadroomPage("/live");
        });
        var response = await GetAsync(host, path);
        Assert.AreEqual((302, location), (response.Status, response.Values("Location").Single()));

        var page = await GetAsync(host, new Uri(new Uri($"http://localhost{path}"), location).AbsolutePath);
        Assert.AreEqual((200, "text/html; charset=utf-8"), (page.Status, page.Values("Content-Type").Single()));
    }

    [TestMethod]
    public async Task An_app_without_the_proxy_is_told_what_is_missing()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => app.MapHeadroomPage());
        Assert.Contains("AddHeadroomProxy()", error.Message);
    }

    [TestMethod]
    public async Task The_sample_app_shows_the_page_in_development_and_sends_browsers_there()
    {
        await using var upstream = RawUpstream.Start();
        await using var app = Program.Build(
            ["--urls=http://127.0.0.1:0", "--environment=Development", "--DemoUpstream:Url=", $"--Headroom:Upstreams:root={upstream.Address}"]);
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());

        Assert.AreEqual((302, "/headroom/"), await HeadAsync(""));
        Assert.AreEqual((200, ""), await HeadAsync("", "/headroom/"));

        // A request for an upstream's root is none for the page.
        Assert.AreEqual((200, ""), await HeadAsync("X-Headroom-Upstream: root\r\n"));
        Assert.AreEqual("/", (await upstream.NextRequestAsync()).Target);

        async Task<(int Status, string Location)> HeadAsync(string headers, string path = "/")
        {
            await using var client = await RawClient.ConnectAsync(address);
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
            var response = await client.ReadResponseAsync();
            return (response.Status, string.Concat(response.Values("Location")));
        }
    }

    [TestMethod]
    public async Task The_sample_app_has_no_page_in_production()
    {
        await using var app = Program.Build(["--urls=http://127.0.0.1:0", "--environment=Production", "--ShutdownDelay=00:00:00"]);
        await app.StartAsync();
        foreach (var path in (string[])["/", "/headroom/", "/headroom/events"])
        {
            Assert.AreEqual(404, (await Answer.OfAsync(new Uri(app.Urls.Single()), "GET", path)).Status, path);
        }
    }

    private static Task<GatewayHost> StartAsync(Action<WebApplication> map) => GatewayHost.StartAsync(
        builder => builder.AddProxyTo(new Uri("http://127.0.0.1:1")),
        app =>
        {
            app.MapHeadroomRoutes();
            map(app);
        });

    // Another connection for each, because an answer may not end.
    private static async Task<RawResponse> GetAsync(GatewayHost host, string path, string name = "localhost")
    {
        var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    [GeneratedRegex("""(?:href|src)="(?<file>[^"#][^"]*)"|from '(?<file>[^']+)'|import '(?<file>[^']+)'|url\((?<file>[^)]+)\)""")]
    private static partial Regex Reference();

    [GeneratedRegex("""<style|<script(?![^>]* src=)|\sstyle="|\son[a-z]+="|javascript:|https?://(?!www\.w3\.org|api\.deepseek\.com)""")]
    private static partial Regex InlineCode();
}
