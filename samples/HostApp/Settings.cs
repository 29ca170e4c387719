using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

/// <summary>Where the app's settings come from. Later ones win: its own files, the user's, the environment, the command line.</summary>
internal static class Settings
{
    /// <summary>
    /// The files beside the program, whatever the working directory is: an appsettings.json there may be a stranger's, and would tell where the user's keys go.
    /// </summary>
    public static WebApplicationOptions BesideTheProgram(string[] args) => new() { Args = args, ContentRootPath = AppContext.BaseDirectory };

    /// <summary>The user's own file, which need not exist. Null if there is no place for it.</summary>
    public static string? UserFile()
    {
        var folder = Environment.GetEnvironmentVariable(OperatingSystem.IsWindows() ? "APPDATA" : "XDG_CONFIG_HOME");

        // The XDG Base Directory Specification: a relative path is none.
        if (!Path.IsPathFullyQualified(folder ?? ""))
        {
            folder = Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".config");
        }

        return Path.IsPathFullyQualified(folder!) ? Path.Join(folder, "headroom", "appsettings.json") : null;
    }

    /// <summary>Reads what the tool's package has besides, and the user's file, whose changes it follows.</summary>
    /// <exception cref="OptionsValidationException">The user's file has settings that the app does not know.</exception>
    public static void ReadFiles(this WebApplicationBuilder builder, string? userFile)
    {
        var sources = builder.Configuration.Sources;
        var place = 1 + sources.IndexOf(sources.OfType<JsonConfigurationSource>().Last());
        sources.Insert(place++, new JsonConfigurationSource { Path = "appsettings.Tool.json", Optional = true });

        // A watcher of a folder that does not exist would watch the one above, which may hold all that the user has.
        if (Path.GetDirectoryName(userFile) is not { } folder || !Directory.Exists(folder))
        {
            return;
        }

        sources.Insert(place, new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(folder, ExclusionFilters.None),
            Path = Path.GetFileName(userFile)!,
            Optional = true,
            ReloadOnChange = true,
        });

        // ASPNETCORE_URLS and its kin are read before all files, and would give way to this one.
        sources.Insert(place + 1, new EnvironmentVariablesConfigurationSource { Prefix = "DOTNET_" });
        sources.Insert(place + 2, new EnvironmentVariablesConfigurationSource { Prefix = "ASPNETCORE_" });

        var file = ((IConfigurationRoot)builder.Configuration).Providers.ElementAt(place);
        var unknown = file.GetChildKeys([], null).Distinct().Where(key => !SettingNames.IsKnown(key)).ToList();
        if (unknown.Count > 0)
        {
            throw new OptionsValidationException(userFile!, typeof(SettingNames), unknown.Select(key => $"{key}: there is no such setting."));
        }
    }

    /// <summary>
    /// The weakest of all sources. In appsettings.json the same line would beat ASPNETCORE_URLS, and
    /// <c>UseUrls</c> would beat <c>--urls</c> too.
    /// </summary>
    public static void ListenByDefaultOn(this WebApplicationBuilder builder, string url)
    {
        // Container images of .NET choose their port by ASPNETCORE_HTTP_PORTS, which gives way to any "urls".
        if (builder.Configuration["http_ports"] is null && builder.Configuration["https_ports"] is null)
        {
            ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("urls", url)] });
        }
    }
}
