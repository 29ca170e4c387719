using System.Globalization;
using Headroom.HostApp.Commands;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>Runs commands of the tool, in a home of their own.</summary>
internal static class Tool
{
    /// <param name="args">A command that ends by itself.</param>
    public static Task<(int Exit, string Output, string Error)> RunAsync(params string[] args) => RunAsync(null, args);

    /// <param name="userFile">The user's settings file.</param>
    /// <param name="args">A command that ends by itself.</param>
    public static async Task<(int Exit, string Output, string Error)> RunAsync(FileInfo? userFile, string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(args, userFile?.FullName, output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
