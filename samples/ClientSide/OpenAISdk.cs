using System.ClientModel;
using System.ClientModel.Primitives;
using Headroom.Routing;
using OpenAI;
using OpenAI.Chat;

namespace Headroom.ClientSide;

/// <summary>The SDK hides its requests, so a scope says where all of them go that are sent within it.</summary>
internal static class OpenAISdk
{
    public static async Task<string> AskAsync(HttpClient http, string upstream, string question)
    {
        var chat = CreateClient(http).GetChatClient("demo");
        using (new UpstreamScope(upstream))
        {
            ChatCompletion answer = await chat.CompleteChatAsync(question);
            return answer.Content[0].Text;
        }
    }

    /// <summary>The SDK over a client of the app's.</summary>
    internal static OpenAIClient CreateClient(HttpClient http) => new(new ApiKeyCredential("sk-demo"), new OpenAIClientOptions
    {
        Transport = new HttpClientPipelineTransport(http),

        // Its retries would only have a refusal repeated, after seconds.
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
    });
}
