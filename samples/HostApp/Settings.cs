using Microsoft.Extensions.Configuration.Memory;

namespace Headroom.HostApp;

internal static class Settings
{
    /// <summary>
    /// Without its appsettings.json the app would answer to any host name and log URLs, so when the working directory
    /// has none, the one beside the executable is read.
    /// </summary>
    public static WebApplicationOptions FoundFromAnyDirectory(string[] args) => new()
    {
        Args = args,
        ContentRootPath = File.Exists("appsettings.json") ? null : AppContext.BaseDirectory,
    };

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
