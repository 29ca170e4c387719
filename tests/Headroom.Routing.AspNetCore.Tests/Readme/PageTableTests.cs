using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>What the pages list, beside the code that it is about.</summary>
[TestClass]
public sealed partial class PageTableTests
{
    [TestMethod]
    public void The_README_is_short_and_so_is_an_app()
    {
        var readme = MarkdownPage.Of("README.md");

        Assert.IsLessThanOrEqualTo(80, File.ReadAllLines(readme.File).Length);
        Assert.IsLessThanOrEqualTo(10, readme.Blocks.Single(block => block.Language == "csharp").Text.Split('\n').Count(line => line.Length > 0));
    }

    [TestMethod]
    public void The_picture_is_the_same_by_day_and_by_night()
    {
        var (light, dark) = (Drawing("way-light.svg"), Drawing("way-dark.svg"));

        Assert.AreNotEqual(light, dark);
        Assert.AreEqual(Color().Replace(light, ""), Color().Replace(dark, ""));

        static string Drawing(string name) => XDocument.Load(Path.Combine(Repository.Root, "docs", name)).ToString();
    }

    [TestMethod]
    public async Task Each_URL_and_path_are_joined_as_it_is_shown()
    {
        using var upstreams = new EchoHandler();
        await using var gateway = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("https://*")).UseUnguardedPrimaryHandler(upstreams),
            app => app.MapHeadroomRoutes());
        var rows = MarkdownPage.Of("docs/routing.md").Rows("How URL and path are joined");

        Assert.IsNotEmpty(rows);
        foreach (var cells in rows.Select(row => Array.ConvertAll(row, cell => MarkdownPage.CodeIn(cell)[0])))
        {
            Assert.AreEqual(cells[2], (await Answer.OfAsync(gateway.Address, "POST", cells[1], $"X-Headroom-Upstream: {cells[0]}")).Url);
        }
    }

    [TestMethod]
    public void The_providers_are_those_that_are_built_in()
    {
        var shown = MarkdownPage.Of("docs/providers.md").Rows("Built in").Select(cells => string.Join(' ', ((string[])[cells[0], cells[1], cells[2], cells[4]]).SelectMany(MarkdownPage.CodeIn)));

        CollectionAssert.AreEqual(
            KnownProviders.All.Select(provider => string.Join(' ', (string?[])
            [
                provider.Name,
                .. Some(provider.BaseAddress),
                .. Some(provider.BaseAddressVariable),
                .. provider.Credentials.Select(credential => credential.ValuePrefix is { } prefix ? $"{credential.Header}: {prefix}" : credential.Header),
            ])).ToArray(),
            shown.ToArray());

        static IEnumerable<string> Some(string? text) => text is null ? [] : [text];
    }

    [TestMethod]
    public void The_errors_are_those_that_the_gateway_makes()
    {
        var shown = MarkdownPage.Of("docs/errors.md").Rows("Errors of the gateway").ToLookup(cells => cells.Length > 2 && cells[2] is "true" or "false");

        CollectionAssert.AreEquivalent(
            GatewayErrors().Select(error => $"{error.Status} {error.Slug}").Distinct().ToArray(),
            shown[false].Select(cells => $"{cells[0]} {MarkdownPage.CodeIn(cells[1]).Single()}").ToArray());
        foreach (var cells in shown[true])
        {
            var status = int.Parse(cells[0].Replace("any other 4xx", "418", StringComparison.Ordinal).Replace("any other 5xx", "501", StringComparison.Ordinal), CultureInfo.InvariantCulture);
            var error = ProxyError.ForApp(status);
            Assert.AreEqual((status, error.Slug, error.ShouldRetry), (error.Status, MarkdownPage.CodeIn(cells[1]).Single(), bool.Parse(cells[2])));
        }
    }

    [TestMethod]
    public async Task The_metrics_are_those_that_are_measured()
    {
        HashSet<string> measured = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => measured.UnionWith(instrument.Meter.Name == "Headroom.Routing" ? [instrument.Name] : []) };
        await using var gateway = await GatewayHost.StartProxyAsync();
        listener.Start();

        CollectionAssert.AreEquivalent(
            measured.ToArray(),
            MarkdownPage.Of("docs/telemetry.md").Rows("Telemetry").SelectMany(cells => MarkdownPage.CodeIn(cells[0])).Where(name => !name.StartsWith("Headroom.", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void Messages_are_quoted_to_the_letter()
    {
        var page = MarkdownPage.Of("docs/troubleshooting.md");
        var sources = string.Concat(MarkdownPage.Files(Path.Combine(Repository.Root, "src"), "*.cs").Select(File.ReadAllText));
        string[] quoted =
        [
            .. page.Text.Split('\n').Where(line => line.StartsWith("> ", StringComparison.Ordinal)).Select(line => line[2..]),
            .. page.Rows("400 invalid_upstream").Concat(page.Rows("The app does not start")).Select(cells => MarkdownPage.CodeIn(cells[0]).Single()),
        ];

        Assert.IsNotEmpty(quoted);
        foreach (var message in quoted)
        {
            Assert.IsTrue(sources.Contains(message, StringComparison.Ordinal), message);
        }
    }

    private static IEnumerable<ProxyError> GatewayErrors()
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions());
        UpstreamTarget[] targets = [Decide("/v1/responses", "").Target!, Decide("/v1/responses", "openrouter").Target!];
        Refusal[] refusals = [Decide("/v1/responses", "://").Refusal!, Decide("/v1/responses", "https://unlisted.example").Refusal!, Decide("/openai/v1/models", "").Refusal!];
        Exception?[] exceptions =
        [
            null, new OperationCanceledException(), new TimeoutException(), new InvalidOperationException(), new IOException(), new BadHttpRequestException("", StatusCodes.Status413PayloadTooLarge),
            .. Enum.GetValues<HttpRequestError>().Select(error => new HttpRequestException(error)),
        ];

        return
        [
            ProxyError.OriginNotAllowed, ProxyError.TokenSentAsKey, ProxyError.BadWebSocketKey,
            .. refusals.Select(ProxyError.For),
            .. from error in Enum.GetValues<ForwarderError>()
               from exception in exceptions
               from target in targets
               select ProxyError.For(error, exception, target, hadBody: false, idempotent: true),
        ];

        UpstreamDecision Decide(string path, string upstream) =>
            resolver.Explain("POST", path, new Dictionary<string, StringValues> { [HeadroomHeaders.Upstream] = upstream }).Decision;
    }

    [GeneratedRegex("#[0-9a-f]{6}")]
    private static partial Regex Color();
}
