using System.Globalization;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Checks an answer of the proxy's own, in the shape that OpenAI's SDKs read.</summary>
internal static class ErrorAssert
{
    public static async Task<string> IsAsync(HttpResponseMessage response, int status, string slug, bool retry)
    {
        var body = await response.Content.ReadAsStringAsync();
        Is(
            (int)response.StatusCode,
            name => response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values)
                ? values.ToString()
                : null,
            body, status, slug, retry);
        return body;
    }

    public static async Task IsAsync(RawResponse response, int status, string slug, bool retry)
    {
        var body = await response.ReadToEndAsync();
        Assert.AreEqual(StreamEnd.Clean, body.End);
        Is(response.Status, name => response.Values(name).SingleOrDefault(), body.Text, status, slug, retry);
    }

    private static void Is(int actual, Func<string, string?> header, string body, int status, string slug, bool retry)
    {
        Assert.AreEqual(status.ToString(CultureInfo.InvariantCulture), actual.ToString(CultureInfo.InvariantCulture), body);
        Assert.AreEqual(slug, header("X-Headroom-Error"));
        Assert.AreEqual(retry ? "true" : "false", header("x-should-retry"), body);
        Assert.AreEqual("application/json", header("Content-Type"));
        using var json = JsonDocument.Parse(body);
        var error = json.RootElement.GetProperty("error");
        Assert.AreEqual(slug, error.GetProperty("code").GetString());
        Assert.AreNotEqual("", error.GetProperty("message").GetString());
    }
}
