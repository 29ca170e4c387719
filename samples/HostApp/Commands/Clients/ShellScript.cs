using System.Text;

namespace Headroom.HostApp.Commands.Clients;

/// <summary>Environment variables of a client, as lines for a shell.</summary>
internal static class ShellScript
{
    /// <param name="address">The variable that is always set.</param>
    /// <param name="choices">The settings of another one: the first that was asked for is set, the rest are comments.</param>
    /// <param name="powerShell">Whether the shell is PowerShell.</param>
    public static string Of((string Variable, string Value) address, IReadOnlyList<(string Variable, string Value, bool IsChosen)> choices, bool powerShell)
    {
        var script = new StringBuilder(Line(address.Variable, address.Value, powerShell));
        for (var i = 0; i < choices.Count; i++)
        {
            script.AppendLine().Append(i == 0 && choices[i].IsChosen ? "" : "# or: ").Append(Line(choices[i].Variable, choices[i].Value, powerShell));
        }

        return script.ToString();
    }

    private static string Line(string variable, string value, bool powerShell) => powerShell
        ? $"$env:{variable} = '{value.Replace("'", "''", StringComparison.Ordinal)}'"
        : $"export {variable}={Quoted(value)}";

    private static string Quoted(string value)
    {
        if (value.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or ':' or '.' or '-' or '_'))
        {
            return value;
        }

        var quoted = new StringBuilder("\"");
        foreach (var c in value)
        {
            quoted.Append(c is '"' or '\\' or '$' or '`' ? "\\" : "").Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
