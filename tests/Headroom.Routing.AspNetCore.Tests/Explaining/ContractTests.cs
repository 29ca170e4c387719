using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>The contract's rows once more: each is sent and asked about, and what is explained is what happens.</summary>
[TestClass]
public sealed partial class ContractTests
{
    private static KestrelUpstream s_upstream = null!;
    private static SocketsHttpHandler s_network = null!;
    private static GatewayHost s_gateway = null!;

    public static IEnumerable<object[]> Rows =>
    [
        .. CaseFile.Read("provider-urls.tsv").Rows.SelectMany(row => new object[][]
        {
            [row["method"], row["incoming"], Headers(row["anthropic"] == "yes" ? "anthropic-version: 2023-06-01" : "", row["upstream"]), row["target"]],
            [row["method"], row["mount_incoming"], Headers("", row["upstream"]), ""],
        }),
        .. CaseFile.Read("joins.tsv").Rows.Select(row => new object[] { "POST", row["incoming"], Headers(row["headers"], row["upstream"]), row["target"] }),
        .. CaseFile.Read("routes.tsv").Rows.Select(row => new object[]
        {
            row["method"], row["path"], Headers(row["headers"]), row["provider"] == "none" || row["provider"].Contains(':', StringComparison.Ordinal) ? row["provider"] : row["default_url"],
        }),
        .. CaseFile.Read("override-values.tsv").Rows.Select(row => new object[]
        {
            "POST", "/v1/chat/completions", Headers("", row["value"]), row["result"] == "error" ? "error: invalid_upstream" : "",
        }),
    ];

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        // All upstreams in one: it tells the URL that the request came for.
        s_upstream = await KestrelUpstream.StartHttp1OverTlsAsync(context => context.Response.WriteAsync(
            $"{context.Request.Scheme}://{context.Request.Host}{context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget}"));
        s_network = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
        };
        s_gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddSettings(("Headroom:AllowedUpstreams:0", "https://*"), ("Headroom:AllowedUpstreams:1", "https://*:8443"));
                builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(s_network);
            },
            app =>
            {
                app.MapHeadroomRoutes();
                app.MapHeadroomExplain();
            });
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_gateway.DisposeAsync();
        s_network.Dispose();
        await s_upstream.DisposeAsync();
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public async Task What_is_explained_is_what_happens(string method, string target, string[] headers, string expected)
    {
        var (status, head, body) = await Explained.SendAsync(s_gateway.Address, method, target, headers);

        // The answer to a HEAD request has no body to read.
        var explained = method == "HEAD"
            ? await Explained.AskAsync(s_gateway.Services, method, target, headers)
            : await Explained.AskAsync(s_gateway.Address, method, target, headers);
        switch (explained.Outcome)
        {
            case "forwarded":
                Assert.AreEqual(200, status, body);
                Assert.AreEqual(WithoutValues(body), explained.Url);
                Assert.AreEqual(body, Resolve(method, target, headers).Target!.Uri.OriginalString);
                Assert.AreEqual(expected.Length > 0 ? expected : body, body);
                break;

            case "refused":
                using (var json = JsonDocument.Parse(body))
                {
                    Assert.AreEqual((explained.Status, explained.Message), (status, json.RootElement.GetProperty("error").GetProperty("message").GetString()));
                    Assert.Contains($"\r\nX-Headroom-Error: {explained.Slug}\r\n", head);
                }

                Assert.IsNull(explained.Url);
                Assert.AreEqual(ProxyError.For(Resolve(method, target, headers).Refusal!).Message, explained.Message);
                Assert.AreEqual(expected.Length > 0 ? expected : $"error: {explained.Slug}", $"error: {explained.Slug}");
                break;

            default:
                Assert.AreEqual("leftToApp", explained.Outcome);
                Assert.AreEqual((404, ""), (status, body));
                Assert.AreEqual("none", expected);
                break;
        }
    }

    private static string[] Headers(string cell, string? upstream = null) =>
    [
        .. CaseFile.Headers(cell).Select(header => $"{header.Name}: {header.Value}"),
        .. upstream is null ? Array.Empty<string>() : [$"X-Headroom-Upstream: {upstream}"],
    ];

    private static UpstreamDecision Resolve(string method, string target, string[] headers) =>
        s_gateway.Services.GetRequiredService<CurrentOptions>().Current.Resolver.Explain(
            method, target, headers.ToDictionary(header => header.Split(": ", 2)[0], header => new StringValues(header.Split(": ", 2)[1]))).Decision;

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Assert.AreEqual(Uri.UriSchemeHttps, context.InitialRequestMessage.RequestUri!.Scheme);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, s_upstream.Address.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static string WithoutValues(string url) => QueryValue().Replace(url, "$1...");

    [GeneratedRegex(@"([?&][^=&]*=)[^&]+")]
    private static partial Regex QueryValue();
}
