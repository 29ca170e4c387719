using System.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp.Commands;

/// <summary><c>config check FILE</c>: judges a settings file as the app's start would, and nothing but that file.</summary>
internal sealed class ConfigCommand : Command
{
    private const int Valid = 0;
    private const int Invalid = 1;

    private readonly Argument<string> _file = new("FILE") { Description = "A settings file, such as appsettings.json." };

    public ConfigCommand()
        : base("config", "Looks after settings files.")
    {
        var check = new Command("check", "Tells every mistake in a settings file, with its key. The exit code is 0 if there is none.") { _file };
        check.SetAction((parsed, _) => CheckAsync(
            Path.GetFullPath(parsed.GetRequiredValue(_file)), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        Subcommands.Add(check);
    }

    private static Task<int> CheckAsync(string path, TextWriter output, TextWriter error) => StartError.CatchAsync(error, Invalid, async () =>
    {
        if (!File.Exists(path))
        {
            await StartError.WriteAsync(error, [$"{path}: there is no such file."]);
            return Invalid;
        }

        var builder = WebApplication.CreateBuilder(Settings.BesideTheProgram(["--environment=Production"]));
        builder.ReadFiles(path);
        RemoveEnvironment(builder.Configuration);
        await using var app = Program.Build(builder, last => last.Logging.ClearProviders());
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        await output.WriteLineAsync($"{path} is valid.");
        return Valid;
    });

    // What this machine's environment says is not in the file.
    private static void RemoveEnvironment(ConfigurationManager configuration)
    {
        foreach (var source in configuration.Sources.OfType<EnvironmentVariablesConfigurationSource>().ToList())
        {
            configuration.Sources.Remove(source);
        }
    }
}
