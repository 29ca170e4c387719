using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.AspNetCore;
using Microsoft.Extensions.Primitives;

namespace Headroom.HostApp;

/// <summary>
/// <c>explain POST /v1/chat/completions -H "X-Headroom-Upstream: ..."</c>: prints where the app would send a request, and why. The app is configured
/// as it is for a start, but it is not started, and nothing is sent.
/// </summary>
public static class ExplainCommand
{
    private const int Forwarded = 0;
    private const int NotForwarded = 1;
    private const int NotAnswered = 2;

    private const string Usage = """
        usage: explain METHOD /PATH[?QUERY] [-H "NAME: VALUE"]... [--dns] [--SETTING=VALUE]...

          -H         a header of the request
          --dns      resolve the upstream's name, and judge its addresses
          --SETTING  a setting of the app, such as --Headroom:Upstreams:local=http://127.0.0.1:11434/v1 or --environment=Production

        exit code: 0 if the request would be forwarded, 1 if not, 2 if that can't be told
        """;

    /// <param name="args">What follows <c>explain</c>.</param>
    /// <param name="build">Builds the app from its command line.</param>
    /// <param name="output">Takes the explanation.</param>
    /// <param name="error">Takes mistakes.</param>
    public static async Task<int> RunAsync(
        string[] args, Func<string[], Action<WebApplicationBuilder>, WebApplication> build, TextWriter output, TextWriter error)
    {
        if (!TryParse(args, out var headers, out var resolveName, out var settings))
        {
            await error.WriteLineAsync(Usage);
            return NotAnswered;
        }

        try
        {
            await using var app = build(settings, builder => builder.Logging.ClearProviders());
            var explainer = app.Services.GetRequiredService<HeadroomExplainer>();
            var explanation = await explainer.ExplainAsync(args[0], args[1], headers, resolveName);
            await output.WriteAsync(explanation.ToString());
            return explanation.IsForwarded ? Forwarded : NotForwarded;
        }
        catch (Exception exception) when (StartError.Explain(exception, urls: null) is { } lines)
        {
            await StartError.WriteAsync(error, lines);
            return NotAnswered;
        }
    }

    private static bool TryParse(
        string[] args, [NotNullWhen(true)] out List<KeyValuePair<string, StringValues>>? headers, out bool resolveName, [NotNullWhen(true)] out string[]? settings)
    {
        headers = [];
        resolveName = false;
        settings = null;
        if (args is not [var method, ['/', ..], ..] || method.StartsWith('-'))
        {
            return false;
        }

        var others = new List<string>();
        for (var i = 2; i < args.Length; i++)
        {
            var isLast = i == args.Length - 1;
            switch (args[i])
            {
                case "-H" or "--header" when !isLast && args[i + 1].Split(':', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, var value]:
                    headers.Add(new(name, value));
                    i++;
                    break;
                case "--dns":
                    resolveName = true;
                    break;
                case ['-', '-', _, ..] setting when setting.Contains('=', StringComparison.Ordinal):
                    others.Add(setting);
                    break;
                case ['-', '-', _, ..] setting when !isLast && setting is not "--header":
                    others.AddRange([setting, args[++i]]);
                    break;
                default:
                    return false;
            }
        }

        settings = [.. others];
        return true;
    }
}
