using System.Text;
using Headroom.Routing;

namespace Headroom.HostApp.Commands.Clients;

/// <summary>Codex CLI's config.toml: a provider for each upstream. https://github.com/openai/codex/blob/main/docs/config.md</summary>
internal static class Codex
{
    public static string Configure(string gateway, IReadOnlyList<ClientUpstream> upstreams)
    {
        var toml = new StringBuilder("# ~/.codex/config.toml").AppendLine();
        var isChosen = upstreams.Any(upstream => upstream.IsChosen);
        toml.AppendLine($"model_provider = {Text(isChosen ? IdOf(upstreams[0]) : "headroom")}");
        if (!isChosen)
        {
            AppendProvider(toml, gateway, "headroom", "Headroom", "OPENAI_API_KEY", header: null);
        }

        foreach (var upstream in upstreams)
        {
            AppendProvider(toml, gateway, IdOf(upstream), $"{upstream.Name} by way of Headroom", upstream.KeyVariable, upstream.Header);
        }

        return toml.ToString().TrimEnd();
    }

    // Some names, such as openai and ollama, are Codex's own.
    private static string IdOf(ClientUpstream upstream) => $"headroom-{upstream.Name}";

    private static void AppendProvider(StringBuilder toml, string gateway, string id, string name, string? keyVariable, string? header)
    {
        toml.AppendLine().AppendLine($"[model_providers.{(id.Contains('.', StringComparison.Ordinal) ? Text(id) : id)}]");
        toml.AppendLine($"name = {Text(name)}");
        toml.AppendLine($"base_url = {Text(gateway + "/v1")}");
        if (keyVariable is not null)
        {
            toml.AppendLine($"env_key = {Text(keyVariable)}");
        }

        toml.AppendLine("wire_api = \"responses\"");
        if (header is not null)
        {
            toml.AppendLine($"http_headers = {{ {Text(HeadroomHeaders.Upstream)} = {Text(header)} }}");
        }
    }

    private static string Text(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
