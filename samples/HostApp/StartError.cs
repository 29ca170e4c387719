using System.Net.Sockets;
using Headroom.DemoUpstream;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

/// <summary>Tells the operator's mistakes from errors of the program; only the latter deserve a stack trace.</summary>
internal static class StartError
{
    private const string ChooseAnother = "Choose another port with --port (0 takes a free one), or another address with --urls or ASPNETCORE_URLS.";

    /// <summary>Writes each mistake on a line of its own.</summary>
    public static async Task WriteAsync(TextWriter output, IEnumerable<string> mistakes)
    {
        foreach (var mistake in mistakes)
        {
            await output.WriteLineAsync($"error: {mistake.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Runs what builds the app without starting it.</summary>
    /// <param name="error">Takes the operator's mistakes.</param>
    /// <param name="exitCode">The exit code for them.</param>
    /// <param name="run">Returns the exit code if there are none.</param>
    public static async Task<int> CatchAsync(TextWriter error, int exitCode, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (Explain(exception, urls: null) is { } mistakes)
        {
            await WriteAsync(error, mistakes);
            return exitCode;
        }
    }

    /// <param name="exception">What the start threw.</param>
    /// <param name="urls">The setting, for errors that do not name their address.</param>
    /// <returns>A line per mistake; null when the operator can't mend it.</returns>
    public static IReadOnlyList<string>? Explain(Exception exception, string? urls) => exception switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException { InnerExceptions: var all } when all.All(one => Explain(one, urls) is not null) => [.. all.SelectMany(one => Explain(one, urls)!)],
        DemoUpstreamException or UnauthorizedAccessException => [exception.Message],
        IOException { InnerException: AddressInUseException } => [$"{exception.Message} {ChooseAnother}"],
        SocketException => [$"The app cannot listen (urls: {urls}): {exception.Message}. {ChooseAnother}"],
        { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" or "Microsoft.AspNetCore.Http" } => [$"The app cannot listen (urls: {urls}): {exception.Message}"],
        InvalidDataException or InvalidOperationException { InnerException: FormatException } => [$"{exception.Message} {exception.GetBaseException().Message}"],
        _ => null,
    };
}
