using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Errors;

/// <summary>
/// Writes an error in the provider's own shape and as plain JSON, so that the caller's SDK shows its message. SDKs show nothing of other content types
/// and empty bodies.
/// </summary>
internal static class ErrorWriter
{
    // The messages are our own and are sent as application/json, so quotes need no escape for HTML.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static async Task WriteAsync(HttpContext context, ProxyError error, Dialect dialect)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.Headers[HeadroomHeaders.Error] = error.Slug;
        response.Headers["x-should-retry"] = error.ShouldRetry ? "true" : "false";
        var body = Format(error, dialect, context.TraceIdentifier);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    internal static byte[] Format(ProxyError error, Dialect dialect, string requestId)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Readable))
        {
            json.WriteStartObject();
            switch (dialect)
            {
                case Dialect.OpenAI:
                    json.WriteStartObject("error");
                    json.WriteString("message", error.Message);
                    json.WriteString("type", error.Slug);
                    json.WriteNull("param");
                    json.WriteString("code", error.Slug);
                    json.WriteEndObject();
                    break;
                case Dialect.Anthropic:
                    json.WriteString("type", "error");
                    json.WriteStartObject("error");
                    json.WriteString("type", AnthropicType(error.Status));
                    json.WriteString("message", error.Message);
                    json.WriteEndObject();
                    json.WriteString("request_id", requestId);
                    break;
                case Dialect.Gemini:
                    json.WriteStartObject("error");
                    json.WriteNumber("code", error.Status);
                    json.WriteString("message", error.Message);
                    json.WriteString("status", GoogleStatus(error.Status));
                    json.WriteEndObject();
                    break;
                default:
                    json.WriteString("type", "error");
                    json.WriteStartObject("error");
                    json.WriteString("type", error.Slug);
                    json.WriteString("message", error.Message);
                    json.WriteNumber("code", error.Status);
                    json.WriteString("status", GoogleStatus(error.Status));
                    json.WriteNull("param");
                    json.WriteEndObject();
                    json.WriteString("request_id", requestId);
                    break;
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    // https://docs.anthropic.com/en/api/errors
    private static string AnthropicType(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        StatusCodes.Status504GatewayTimeout => "timeout_error",
        < StatusCodes.Status500InternalServerError => "invalid_request_error",
        _ => "api_error",
    };

    // google.rpc.Code
    private static string GoogleStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
        StatusCodes.Status403Forbidden => "PERMISSION_DENIED",
        StatusCodes.Status404NotFound => "NOT_FOUND",
        StatusCodes.Status424FailedDependency => "FAILED_PRECONDITION",
        StatusCodes.Status429TooManyRequests => "RESOURCE_EXHAUSTED",
        < StatusCodes.Status500InternalServerError => "INVALID_ARGUMENT",
        StatusCodes.Status500InternalServerError => "INTERNAL",
        StatusCodes.Status504GatewayTimeout => "DEADLINE_EXCEEDED",
        _ => "UNAVAILABLE",
    };
}
