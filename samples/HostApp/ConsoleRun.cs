using Headroom.DemoUpstream;

namespace Headroom.HostApp;

/// <summary>Runs the app for a person at a terminal: prints a greeting to paste from, and mistakes in the settings as one line each.</summary>
internal static class ConsoleRun
{
    public static async Task<int> RunAsync(Func<Action<WebApplicationBuilder>, WebApplication> build, string? userFile, TextWriter output, TextWriter error)
    {
        var started = false;
        string? urls = null;

        try
        {
            await using var app = build(builder => builder.Services.PostConfigure<LoggerFilterOptions>(KeepTracesOut));
            urls = app.Configuration["urls"];
            await app.StartAsync();
            started = true;

            await GreetAsync(app, userFile, output);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception exception) when (!started && StartError.Explain(exception, urls) is { } lines)
        {
            await StartError.WriteAsync(error, lines);
            return 1;
        }

        // Kestrel and the generic host each log a failed start with the whole stack trace. Nothing is lost without them:
        // the exception is either explained above or leaves Main unhandled.
        void KeepTracesOut(LoggerFilterOptions options)
        {
            for (var i = 0; i < options.Rules.Count; i++)
            {
                var rule = options.Rules[i];
                options.Rules[i] = new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) =>
                    (started || level < LogLevel.Error || !LogsAFailedStart(category)) && (rule.Filter?.Invoke(provider, category, level) ?? true));
            }
        }
    }

    private static bool LogsAFailedStart(string? category) =>
        category is "Microsoft.AspNetCore.Server.Kestrel" or "Microsoft.Extensions.Hosting.Internal.Host";

    private static async Task GreetAsync(WebApplication app, string? userFile, TextWriter output)
    {
        var gateway = Typed(app.GetBoundAddress());
        await output.WriteLineAsync($"Headroom app    {string.Join("  ", app.Urls)}  ({app.Environment.EnvironmentName}, Ctrl+C stops it)");
        if (userFile is not null)
        {
            await output.WriteLineAsync($"Settings        {userFile}{(File.Exists(userFile) ? "" : "  (not there yet)")}");
        }

        await output.WriteLineAsync($"Live page       {(app.Configuration.GetValue<bool>("Page") ? gateway + "/headroom" : "off; --page turns it on")}");
        await output.WriteLineAsync("Commands        explain, clients, config check; --help tells more");
        if (app.Services.GetRequiredService<DemoUpstreamHostedService>().Running is { } demo)
        {
            var upstream = Typed(demo.Address);
            await output.WriteLineAsync($$"""
                Demo upstream   {{upstream}}

                curl {{gateway}}/v1/chat/completions -H "X-Headroom-Upstream: {{upstream}}" -H "Content-Type: application/json" -d '{"model":"demo","messages":[{"role":"user","content":"hi"}]}'

                """);
        }

        // As a person would type it: no trailing slash.
        static string Typed(Uri address) => address.GetLeftPart(UriPartial.Authority);
    }
}
