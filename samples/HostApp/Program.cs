using System.Text;
using Headroom.HostApp.Commands;

namespace Headroom.HostApp;

/// <summary>The runnable app: all that it needs to become one front door for many LLM providers.</summary>
public static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args, Settings.UserFile(), Console.Out, Console.Error);

    /// <summary>Builds the app without starting it.</summary>
    /// <param name="args">Command line, for example <c>--urls http://127.0.0.1:0 --environment Development</c>.</param>
    /// <param name="configure">Last changes before the app is built.</param>
    /// <param name="userFile">The user's own settings, which need not exist.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null, string? userFile = null)
    {
        var builder = WebApplication.CreateBuilder(Settings.BesideTheProgram(args));
        builder.ReadFiles(userFile);
        return Build(builder, configure);
    }

    internal static WebApplication Build(WebApplicationBuilder builder, Action<WebApplicationBuilder>? configure)
    {
        builder.ListenByDefaultOn("http://127.0.0.1:8787");

        // Headers of upstreams pass byte for byte, those that are not ASCII too.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1);

        builder.AddTelemetry();
        builder.Services.AddDraining();
        var proxy = builder.Services.AddHeadroomProxy();
        builder.AddAccess(proxy);
        builder.Services.AddDemoUpstream();

        configure?.Invoke(builder);
        var app = builder.Build();

        // Alive until the process ends, ready until it is told to stop.
        app.MapHealthChecks("/healthz", new() { Predicate = _ => false });
        app.MapHealthChecks("/readyz");
        app.MapMetrics();
        app.MapHeadroomRoutes().RequireAccess(app);

        if (app.Configuration.GetValue<bool>("Page"))
        {
            app.MapHeadroomExplain().RequireAccess(app);
            app.MapHeadroomPage();

            // After the catch-all: a request that names an upstream is for that.
            app.MapGet("/", () => Results.Redirect("/headroom/")).WithOrder(int.MaxValue);
        }

        return app;
    }
}
