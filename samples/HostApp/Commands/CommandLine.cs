using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Headroom.HostApp.Commands;

/// <summary>The command line: without a command the app runs, and the commands tell about it.</summary>
internal static class CommandLine
{
    private const int BadUsage = 2;

    /// <param name="args">The command line.</param>
    /// <param name="userFile">The user's own settings, if there is a place for them.</param>
    /// <param name="output">Takes what was asked for.</param>
    /// <param name="error">Takes mistakes, a line each.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, string? userFile, TextWriter output, TextWriter error)
    {
        // Not a RootCommand, whose name is that of the file.
        var flags = new SettingFlags();
        var command = new RunCommand(flags, userFile)
        {
            new ExplainCommand(flags, userFile),
            new ConfigCommand(),
            new ClientsCommand(flags, userFile),
            new HelpOption { Recursive = true },
            new VersionOption(),
        };

        var parsed = command.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return await RefuseAsync(error, [.. parsed.Errors.Select(mistake => mistake.Message)]);
        }

        // Without its handlers of signals and exceptions: the host has its own way to end, and only mistakes are explained.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    /// <summary>Tells what can't be understood.</summary>
    /// <returns>The exit code for that.</returns>
    internal static async Task<int> RefuseAsync(TextWriter error, params string[] mistakes)
    {
        await StartError.WriteAsync(error, mistakes.Select(mistake => string.Join(' ', mistake.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)) + " See headroom --help."));
        return BadUsage;
    }
}
