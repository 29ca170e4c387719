using Headroom.Routing;

namespace Headroom.HostApp.Commands.Clients;

/// <summary>Gemini CLI's environment. https://github.com/google-gemini/gemini-cli/blob/main/docs/get-started/configuration.md</summary>
internal static class GeminiCli
{
    private const string Settings = """# With "security": { "auth": { "selectedType": "gemini-api-key" } } in ~/.gemini/settings.json.""";

    public static string Configure(string gateway, IReadOnlyList<ClientUpstream> upstreams, bool powerShell) => Settings + Environment.NewLine + ShellScript.Of(
        ("GOOGLE_GEMINI_BASE_URL", gateway),
        [.. upstreams.Select(upstream => ("GEMINI_CLI_CUSTOM_HEADERS", $"{HeadroomHeaders.Upstream}: {upstream.Header}", upstream.IsChosen))],
        powerShell);
}
