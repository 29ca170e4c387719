using System.Net.Sockets;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Tests.Errors;

/// <summary>Every error that the proxy makes: its status, its slug, whether to send again, and a body that the caller's SDK can show.</summary>
[TestClass]
public sealed class ErrorShapeTests
{
    private static readonly HttpRequestException NoSuchName = new(HttpRequestError.NameResolutionError, inner: new SocketException((int)SocketError.HostNotFound));
    private static readonly HttpRequestException BadCertificate = new(HttpRequestError.SecureConnectionError);
    private static readonly HttpRequestException Refused = new(HttpRequestError.ConnectionError, inner: new SocketException((int)SocketError.ConnectionRefused));
    private static readonly HttpRequestException Reset = new(HttpRequestError.ResponseEnded);
    private static readonly HttpRequestException Blocked = new("x", new BlockedAddressException("inside.example.com", System.Net.IPAddress.Loopback));
    private static readonly TaskCanceledException SlowConnect = new("x", new TimeoutException());
    private static readonly OperationCanceledException Idle = new();
    private static readonly HttpIOException BrokenOff = new(HttpRequestError.ResponseEnded);
    private static readonly HttpIOException Garbled = new(HttpRequestError.InvalidResponse);
    private static readonly InvalidOperationException OfTheApp = new("x", new KeyNotFoundException());
    private static readonly BadHttpRequestException TooLarge = new("x", StatusCodes.Status413PayloadTooLarge);

    public static IEnumerable<object[]> Refusals =>
    [
        ["GET", "/v1/models", "no-such-name", 400, "invalid_upstream"],
        ["GET", "/v1/models", "http://user@x", 400, "invalid_upstream"],
        ["GET", "/v1/../x", "", 400, "invalid_upstream"],
        ["GET", "/upstream/x", "", 400, "invalid_upstream"],
        ["GET", "/v1/projects/p/locations/A/x", "", 400, "invalid_upstream"],
        ["GET", "/v1/models", "http://127.0.0.1", 403, "upstream_not_allowed"],
        ["POST", "/openai/deployments/x", "", 404, "no_upstream"],
        ["POST", "/model/x/invoke", "", 404, "no_upstream"],
    ];

    public static IEnumerable<object[]> Faults =>
    [
        // Whose upstream, what the forwarder says, what it caught, whether a body was sent; then status, slug, x-should-retry.
        ["exact", ForwarderError.Request, NoSuchName, false, 424, "upstream_unreachable", false],
        ["catalog", ForwarderError.Request, NoSuchName, false, 424, "upstream_unreachable", false],
        ["wildcard", ForwarderError.Request, NoSuchName, false, 403, "upstream_not_allowed", false],
        ["configured", ForwarderError.Request, NoSuchName, false, 502, "upstream_unreachable", false],
        ["exact", ForwarderError.Request, BadCertificate, false, 424, "upstream_unreachable", false],
        ["wildcard", ForwarderError.Request, BadCertificate, false, 424, "upstream_unreachable", false],
        ["configured", ForwarderError.Request, BadCertificate, false, 502, "upstream_unreachable", false],
        ["exact", ForwarderError.Request, Refused, false, 502, "upstream_unreachable", true],
        ["wildcard", ForwarderError.Request, Refused, false, 502, "upstream_unreachable", true],
        ["configured", ForwarderError.Request, Refused, true, 502, "upstream_unreachable", true],
        ["configured", ForwarderError.RequestBodyDestination, Reset, true, 502, "upstream_unreachable", false],
        ["exact", ForwarderError.RequestTimedOut, SlowConnect, false, 504, "upstream_timeout", true],
        ["configured", ForwarderError.RequestTimedOut, SlowConnect, true, 504, "upstream_timeout", true],
        ["configured", ForwarderError.RequestTimedOut, Idle, true, 504, "upstream_timeout", false],
        ["configured", ForwarderError.RequestBodyDestination, Idle, true, 504, "upstream_timeout", false],
        ["configured", ForwarderError.ResponseBodyDestination, Idle, false, 504, "upstream_timeout", true],
        ["configured", ForwarderError.ResponseBodyDestination, Idle, true, 504, "upstream_timeout", false],
        ["configured", ForwarderError.ResponseBodyDestination, BrokenOff, true, 502, "upstream_unreachable", false],
        ["configured", ForwarderError.ResponseBodyDestination, Garbled, false, 502, "upstream_unreachable", false],
        ["configured", ForwarderError.ResponseHeaders, OfTheApp, false, 502, "upstream_unreachable", false],
        ["configured", ForwarderError.Request, OfTheApp, false, 500, "gateway_error", false],
        ["exact", ForwarderError.ResponseBodyDestination, OfTheApp, true, 500, "gateway_error", false],
        ["configured", ForwarderError.RequestBodyClient, TooLarge, true, 413, "request_too_large", false],
        ["wildcard", ForwarderError.Request, Blocked, false, 403, "upstream_not_allowed", false],
        ["exact", ForwarderError.Request, Blocked, true, 403, "upstream_not_allowed", false],
    ];

    [TestMethod]
    [DynamicData(nameof(Refusals))]
    public async Task A_refusal_has_its_status_and_slug_and_is_not_to_be_sent_again(string method, string path, string upstream, int status, string slug)
    {
        var resolver = UpstreamResolver.Create(new());
        Assert.IsFalse(resolver.TryResolve(method, path, new Dictionary<string, StringValues> { ["X-Headroom-Upstream"] = upstream }, out _, out var refusal));
        await AssertShapesAsync(ProxyError.For(refusal), status, slug, retry: false);
    }

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public async Task A_fault_has_its_status_and_slug_and_says_whether_to_send_again(
        string whose, ForwarderError error, Exception exception, bool bodySent, int status, string slug, bool retry) =>
        await AssertShapesAsync(ProxyError.For(error, exception, TargetOf(whose), bodySent, idempotent: !bodySent), status, slug, retry);

    [TestMethod]
    public async Task A_request_that_the_forwarder_cannot_make_is_the_callers_to_change() =>
        await AssertShapesAsync(ProxyError.For(ForwarderError.RequestCreation, new NotSupportedException(), TargetOf("exact"), hadBody: false, idempotent: true), 400, "invalid_request", retry: false);

    [TestMethod]
    public void Nothing_of_the_inside_is_told()
    {
        var blocked = ProxyError.For(ForwarderError.Request, Blocked, TargetOf("wildcard"), hadBody: false, idempotent: true);
        var unknown = ProxyError.For(ForwarderError.Request, NoSuchName, TargetOf("wildcard"), hadBody: false, idempotent: true);
        Assert.AreEqual(blocked.Message, unknown.Message);
        Assert.DoesNotContain("127.0.0.1", blocked.Message);
        Assert.Contains("127.0.0.1", blocked.Detail!);
    }

    private static UpstreamTarget TargetOf(string whose)
    {
        var options = new HeadroomOptions { AllowedUpstreams = { "https://exact.example.com", "https://*" } };
        var upstream = whose switch { "exact" => "https://exact.example.com", "wildcard" => "https://any.example.com", "catalog" => "https://api.deepseek.com", _ => "" };
        Assert.IsTrue(UpstreamResolver.Create(options).TryResolve("GET", "/v1/models", new Dictionary<string, StringValues> { ["X-Headroom-Upstream"] = upstream }, out var target, out _));
        return target;
    }

    private static async Task AssertShapesAsync(ProxyError error, int status, string slug, bool retry)
    {
        Assert.AreEqual((status, slug, retry), (error.Status, error.Slug, error.ShouldRetry));
        Assert.IsFalse(status is 200 or 408 or 409 or 421);
        foreach (var dialect in Enum.GetValues<Dialect>())
        {
            foreach (var method in (string[])["POST", "HEAD"])
            {
                var context = new DefaultHttpContext();
                using var body = new MemoryStream();
                context.Response.Body = body;
                context.Request.Method = method;
                context.TraceIdentifier = "trace-1";
                await ErrorWriter.WriteAsync(context, error, dialect);

                Assert.AreEqual(status, context.Response.StatusCode);
                Assert.AreEqual("application/json", context.Response.ContentType);
                Assert.AreEqual(slug, context.Response.Headers[HeadroomHeaders.Error].ToString());
                Assert.AreEqual(retry ? "true" : "false", context.Response.Headers["x-should-retry"].ToString());
                if (method == "HEAD")
                {
                    Assert.AreEqual(0, body.Length);
                }
                else
                {
                    Assert.AreEqual(context.Response.ContentLength, body.Length);
                    AssertBody(JsonDocument.Parse(body.ToArray()).RootElement, error, dialect);
                }
            }
        }
    }

    private static void AssertBody(JsonElement body, ProxyError error, Dialect dialect)
    {
        var inner = body.GetProperty("error");
        Assert.AreEqual(error.Message, inner.GetProperty("message").GetString());
        if (dialect is Dialect.OpenAI)
        {
            Assert.AreEqual(error.Slug, inner.GetProperty("type").GetString());
            Assert.AreEqual(error.Slug, inner.GetProperty("code").GetString());
            Assert.AreEqual(JsonValueKind.Null, inner.GetProperty("param").ValueKind);
        }

        if (dialect is Dialect.Anthropic or Dialect.Any)
        {
            Assert.AreEqual("error", body.GetProperty("type").GetString());
            Assert.AreEqual("trace-1", body.GetProperty("request_id").GetString());
        }

        if (dialect is Dialect.Anthropic)
        {
            var type = error.Status switch
            {
                400 or 424 => "invalid_request_error", 403 => "permission_error", 404 => "not_found_error", 413 => "request_too_large", 504 => "timeout_error", _ => "api_error",
            };
            Assert.AreEqual(type, inner.GetProperty("type").GetString());
        }

        if (dialect is Dialect.Gemini or Dialect.Any)
        {
            var status = error.Status switch
            {
                400 or 413 => "INVALID_ARGUMENT", 403 => "PERMISSION_DENIED", 404 => "NOT_FOUND", 424 => "FAILED_PRECONDITION", 500 => "INTERNAL", 504 => "DEADLINE_EXCEEDED", _ => "UNAVAILABLE",
            };
            Assert.AreEqual((error.Status, status), (inner.GetProperty("code").GetInt32(), inner.GetProperty("status").GetString()));
        }

        if (dialect is Dialect.Any)
        {
            Assert.AreEqual(error.Slug, inner.GetProperty("type").GetString());
        }
    }
}
