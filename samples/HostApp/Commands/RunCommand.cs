using System.CommandLine;

namespace Headroom.HostApp.Commands;

/// <summary><c>headroom</c>: runs the app.</summary>
internal sealed class RunCommand : SettingsCommand
{
    private const string About = "One front door for many LLM providers. Clients name their upstream by the header X-Headroom-Upstream.";

    private readonly string? _userFile;

    public RunCommand(SettingFlags flags, string? userFile)
        : base("headroom", About, flags)
    {
        _userFile = userFile;
        flags.AddTo(this);
    }

    protected override Task<int> RunAsync(ParseResult parsed, string[] settings)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        return ConsoleRun.RunAsync(configure => Program.Build(settings, configure, _userFile), _userFile, output, error);
    }
}
