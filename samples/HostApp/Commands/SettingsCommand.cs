using System.CommandLine;

namespace Headroom.HostApp.Commands;

/// <summary>A command for which the app is configured as for a run, by the flags and settings that it is given too.</summary>
internal abstract class SettingsCommand : Command
{
    protected SettingsCommand(string name, string description, SettingFlags flags)
        : base(name, description)
    {
        SetAction((parsed, _) => flags.TryRead(parsed, out var settings, out var mistake)
            ? RunAsync(parsed, settings)
            : CommandLine.RefuseAsync(parsed.InvocationConfiguration.Error, mistake));
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="settings">Its flags and settings, for the app's configuration.</param>
    protected abstract Task<int> RunAsync(ParseResult parsed, string[] settings);
}
