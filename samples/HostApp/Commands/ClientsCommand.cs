using System.CommandLine;
using Headroom.HostApp.Commands.Clients;
using Headroom.Routing;
using Headroom.Routing.AspNetCore;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp.Commands;

/// <summary><c>clients opencode</c>: prints a client's configuration for this gateway.</summary>
internal sealed class ClientsCommand : SettingsCommand
{
    private const string About = "Prints a client's configuration for this gateway, ready to paste, with the upstreams of --upstream and of your settings.";

    private readonly Argument<string> _client = new("CLIENT");
    private readonly SettingFlags _flags;
    private readonly string? _userFile;

    public ClientsCommand(SettingFlags flags, string? userFile)
        : base("clients", About, flags)
    {
        _flags = flags;
        _userFile = userFile;
        _client.AcceptOnlyFromAmong("opencode", "claude", "codex", "gemini");
        Arguments.Add(_client);
        flags.AddTo(this);
    }

    protected override Task<int> RunAsync(ParseResult parsed, string[] settings)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        return StartError.CatchAsync(error, exitCode: 1, async () =>
        {
            await using var app = Program.Build(settings, builder => builder.Logging.ClearProviders(), _userFile);
            var options = app.Services.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value;
            var gateway = GatewayAddress.Of(app.Configuration);
            var upstreams = Upstreams(options, [.. (parsed.GetValue(_flags.Upstream) ?? []).Select(flag => flag.Split('=')[0])]);
            await output.WriteLineAsync(parsed.GetRequiredValue(_client) switch
            {
                "opencode" => OpenCode.Configure(gateway, upstreams),
                "claude" => ClaudeCode.Configure(gateway, upstreams, OperatingSystem.IsWindows()),
                "codex" => Codex.Configure(gateway, upstreams),
                _ => GeminiCli.Configure(gateway, upstreams, OperatingSystem.IsWindows()),
            });

            if (options.Tokens.Count > 0)
            {
                await error.WriteLineAsync($"note: your gateway asks for a token. Add it as a header {HeadroomHeaders.ProxyToken}.");
            }

            return 0;
        });
    }

    // Those of the flags first, in their order: they were asked for.
    private static List<ClientUpstream> Upstreams(HeadroomProxyOptions options, List<string> chosen) =>
    [
        .. chosen.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => new ClientUpstream(name, options.Upstreams[name], IsChosen: true)),
        .. options.Upstreams.Where(pair => !chosen.Contains(pair.Key, StringComparer.OrdinalIgnoreCase))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new ClientUpstream(pair.Key, pair.Value, IsChosen: false)),
    ];
}
