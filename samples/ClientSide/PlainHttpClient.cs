using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Headroom.Routing;

namespace Headroom.ClientSide;

/// <summary>Each request says where it goes.</summary>
internal static class PlainHttpClient
{
    public static async Task<string> AskAsync(HttpClient http, string upstream, string question)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
        request.SetUpstream(upstream);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-demo");
        request.Content = JsonContent.Create(new { model = "demo", messages = new[] { new { role = "user", content = question } } });

        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonNode>();
        return (string)answer!["choices"]![0]!["message"]!["content"]!;
    }
}
