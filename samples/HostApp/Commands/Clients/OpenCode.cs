using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headroom.Routing;

namespace Headroom.HostApp.Commands.Clients;

/// <summary>OpenCode's opencode.json: a provider for each upstream. https://opencode.ai/docs/providers</summary>
internal static class OpenCode
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Configure(string gateway, IEnumerable<ClientUpstream> upstreams)
    {
        var providers = new JsonObject
        {
            ["openai"] = new JsonObject { ["options"] = new JsonObject { ["baseURL"] = gateway + "/v1" } },
            ["anthropic"] = new JsonObject { ["options"] = new JsonObject { ["baseURL"] = gateway + "/v1" } },
        };

        foreach (var upstream in upstreams)
        {
            var options = new JsonObject { ["baseURL"] = gateway + "/v1" };
            if (upstream.KeyVariable is { } variable)
            {
                options["apiKey"] = $"{{env:{variable}}}";
            }

            options["headers"] = new JsonObject { [HeadroomHeaders.Upstream] = upstream.Header };
            var provider = new JsonObject();
            if (!providers.ContainsKey(upstream.Name))
            {
                // The models of well-known names are known to OpenCode; others are listed here.
                provider["npm"] = "@ai-sdk/openai-compatible";
                provider["options"] = options;
                provider["models"] = new JsonObject();
            }
            else
            {
                provider["options"] = options;
            }

            providers[upstream.Name] = provider;
        }

        return new JsonObject { ["provider"] = providers }.ToJsonString(Json);
    }
}
