namespace Headroom.Routing.Providers;

// What Codex CLI calls after a login with a ChatGPT account: https://github.com/openai/codex, codex-rs
internal static class ChatGpt
{
    internal const string Name = "ChatGPT";

    internal static readonly Provider Provider = new()
    {
        Name = Name,
        TelemetryName = "openai",
        BaseAddress = "https://chatgpt.com",
        Dialect = Dialect.OpenAI,
        // Over HTTP/2 it answers a proxy's account calls with a bot challenge.
        Http11Only = true,
        Routes = [new("/backend-api/{**rest}")],
    };

    // The API paths that a logged-in client may use, and where they are on chatgpt.com. A path below a pair's left side keeps its rest.
    private static readonly (string Api, string Login, bool Below)[] Paths =
    [
        ("/v1/responses", "/backend-api/codex/responses", true),
        ("/v1/codex/responses", "/backend-api/codex/responses", true),
        ("/backend-api/responses", "/backend-api/codex/responses", true),
        ("/v1/models", "/backend-api/codex/models", false),
        ("/v1/images/generations", "/backend-api/codex/images/generations", false),
        ("/v1/images/edits", "/backend-api/codex/images/edits", false),
    ];

    /// <summary>Finds the path at chatgpt.com: a prefix, and the length of the incoming path that it replaces.</summary>
    /// <param name="path">The incoming path.</param>
    /// <param name="versionless">Whether the path may lack its <c>/v1</c>, as below the mounts.</param>
    internal static (string Prefix, int Replaced) PathFor(ReadOnlySpan<char> path, bool versionless)
    {
        foreach (var (api, login, below) in Paths)
        {
            if (Fits(path, api, below))
            {
                return (login, api.Length);
            }

            if (versionless && api.StartsWith("/v1/", StringComparison.Ordinal) && Fits(path, api.AsSpan("/v1".Length), below))
            {
                return (login, api.Length - "/v1".Length);
            }
        }

        return ("", 0);
    }

    private static bool Fits(ReadOnlySpan<char> path, ReadOnlySpan<char> api, bool below) =>
        path.StartsWith(api, StringComparison.OrdinalIgnoreCase)
        && (path.Length == api.Length || (below && path[api.Length] == '/'));
}
