using System.Text;
using Headroom.Routing;
using Microsoft.Extensions.AI;

namespace Headroom.ClientSide;

/// <summary>An <see cref="IChatClient"/> over the SDK. A stream has to be read within the scope, because its request is sent when the first piece is asked for.</summary>
internal static class ExtensionsAI
{
    public static async Task<string> AskAsync(HttpClient http, string upstream, string question)
    {
        using var chat = OpenAISdk.CreateClient(http).GetChatClient("demo").AsIChatClient();
        var answer = new StringBuilder();
        using (new UpstreamScope(upstream))
        {
            await foreach (var update in chat.GetStreamingResponseAsync(question))
            {
                answer.Append(update.Text);
            }
        }

        return answer.ToString();
    }
}
