using Headroom.Routing;

namespace Headroom.HostApp.Commands.Clients;

/// <summary>Claude Code's environment. https://docs.anthropic.com/en/docs/claude-code/settings</summary>
internal static class ClaudeCode
{
    public static string Configure(string gateway, IReadOnlyList<ClientUpstream> upstreams, bool powerShell) => ShellScript.Of(
        ("ANTHROPIC_BASE_URL", gateway),
        [.. upstreams.Select(upstream => ("ANTHROPIC_CUSTOM_HEADERS", $"{HeadroomHeaders.Upstream}: {upstream.Header}", upstream.IsChosen))],
        powerShell);
}
