using Headroom.HostApp.Demo;

namespace Headroom.HostApp;

/// <summary>Runs the host for a person at a terminal: a greeting to paste from, faults of theirs in one line.</summary>
internal static class ConsoleRun
{
    public static async Task<int> RunAsync(Func<Action<WebApplicationBuilder>, WebApplication> build)
    {
        var started = false;
        string? urls = null;

        try
        {
            await using var app = build(builder => builder.Services.PostConfigure<LoggerFilterOptions>(KeepTracesOut));
            urls = app.Configuration["urls"];
            await app.StartAsync();
            started = true;

            Greet(app);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception fault) when (!started && StartFault.Explain(fault, urls) is { } lines)
        {
            foreach (var line in lines)
            {
                await Console.Error.WriteLineAsync($"error: {line.ReplaceLineEndings(" ")}");
            }

            return 1;
        }

        // Kestrel and the host each log a failed start with the whole stack trace. Nothing is lost without:
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

    private static void Greet(WebApplication app)
    {
        var host = BoundAddress.Of(app).Typed();
        Console.WriteLine($"Headroom host   {string.Join("  ", app.Urls)}  ({app.Environment.EnvironmentName}, Ctrl+C stops it)");

        if (app.Services.GetService<DemoUpstreamService>()?.Running is { } demo)
        {
            var upstream = demo.Address.Typed();
            Console.WriteLine($"Demo upstream   {upstream}");
            Console.WriteLine();
            Console.WriteLine($$"""curl {{host}}/v1/chat/completions -H "X-Headroom-Upstream: {{upstream}}" -H "Content-Type: application/json" -d '{"model":"demo","messages":[{"role":"user","content":"hi"}]}'""");
            Console.WriteLine();
        }
    }
}
