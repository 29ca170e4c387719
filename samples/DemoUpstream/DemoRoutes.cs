using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>Which path is answered in which format.</summary>
internal static class DemoRoutes
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/v1/chat/completions", context => AnswerAsync(context, OpenAIChat.Whole, OpenAIChat.Stream));
        app.MapPost("/v1/responses", context => AnswerAsync(context, OpenAIResponses.Whole, OpenAIResponses.Stream));
        app.MapPost("/v1/messages", context => AnswerAsync(context, AnthropicMessages.Whole, AnthropicMessages.Stream));
        app.MapPost("/v1/messages/count_tokens", context => AnswerAsync(context, request => new() { ["input_tokens"] = request.InputTokens }));
        app.MapGet("/v1/models", context => Wire.WriteAsync(context.Response, ModelLists.For(context.Request)));

        foreach (var version in (string[])["/v1", "/v1beta", "/v1alpha"])
        {
            var model = version + "/models/{model}";
            app.MapPost(model + ":generateContent", context => AnswerAsync(context, GeminiContent.Whole));
            app.MapPost(model + ":streamGenerateContent", context => WithBodyAsync(context, request => GeminiContent.StreamAsync(context, request)));
            app.MapPost(model + ":countTokens", context => AnswerAsync(context, request => new() { ["totalTokens"] = request.InputTokens }));
        }

        app.MapGet("/v1beta/models", context => Wire.WriteAsync(context.Response, ModelLists.Gemini()));
        app.MapGet("/v1alpha/models", context => Wire.WriteAsync(context.Response, ModelLists.Gemini()));

        app.Map("/echo/{**path}", Echo.AnswerAsync);
        app.Map("/{**path}", NotFoundAsync);
    }

    private static Task AnswerAsync(HttpContext context, Func<DemoRequest, JsonObject> whole) =>
        WithBodyAsync(context, request => Wire.WriteAsync(context.Response, whole(request)));

    private static Task AnswerAsync(HttpContext context, Func<DemoRequest, JsonObject> whole, Func<DemoRequest, IEnumerable<StreamEvent>> stream) =>
        WithBodyAsync(context, request => request.Stream
            ? EventStream.WriteAsync(context.Response, stream(request))
            : Wire.WriteAsync(context.Response, whole(request)));

    private static async Task WithBodyAsync(HttpContext context, Func<DemoRequest, Task> answer)
    {
        if (await DemoRequest.ReadAsync(context.Request) is { } request)
        {
            await answer(request);
        }
        else
        {
            await ErrorAsync(context, StatusCodes.Status400BadRequest, "The body is not a JSON object.");
        }
    }

    private static Task NotFoundAsync(HttpContext context) =>
        ErrorAsync(context, StatusCodes.Status404NotFound, $"The demo upstream has no {context.Request.Method} {context.Request.Path}.");

    private static Task ErrorAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return Wire.WriteAsync(context.Response, new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = "invalid_request_error", ["param"] = null, ["code"] = null } });
    }
}
