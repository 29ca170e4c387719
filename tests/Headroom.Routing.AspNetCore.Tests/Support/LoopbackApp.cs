using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>What the web applications of the tests have in common.</summary>
internal static class LoopbackApp
{
    /// <summary>A builder that knows nothing of the machine it runs on: no settings files, no environment variables, no logging providers.</summary>
    public static WebApplicationBuilder CreateBuilder(Action<KestrelServerOptions> listen)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });

        // The output folder holds the sample host's settings, and a developer's shell may hold a *_TARGET_API_URL.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(listen);

        // A request that still hangs when its test is over is cut, not waited for.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        return builder;
    }

    public static async Task StopAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
        catch (OperationCanceledException)
        {
            // The second is over and Kestrel has cut what was left.
        }

        await app.DisposeAsync();
    }
}
