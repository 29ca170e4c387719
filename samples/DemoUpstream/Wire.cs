using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>How an answer becomes bytes, and the ids and times in it.</summary>
internal static class Wire
{
    // Providers send letters as UTF-8, not as \u escapes; nothing here ends up in HTML.
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json(JsonNode value) => value.ToJsonString(Options);

    public static Task WriteAsync(HttpResponse response, JsonNode value)
    {
        response.ContentType = "application/json; charset=utf-8";
        return response.WriteAsync(Json(value), response.HttpContext.RequestAborted);
    }

    public static string NewId(string prefix) => $"{prefix}_{Guid.NewGuid():N}";

    public static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
}
