using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Headroom.HostApp.Commands;

/// <summary>The flags that stand for settings, and every other setting as <c>--NAME=VALUE</c>.</summary>
internal sealed class SettingFlags
{
    private readonly Option<int?> _port = new("--port")
    {
        Description = "Listens on 127.0.0.1 at this port. 8787 by default; 0 takes a free one.",
        HelpName = "PORT",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            {
                return port;
            }

            result.AddError($"--port: '{text}' is no port; there are 0 to 65535.");
            return null;
        },
    };

    private readonly Option<string[]> _allow = new("--allow")
    {
        Description = "Adds to the upstreams that callers may name, such as https://llm.example.com. Repeatable.",
        HelpName = "URL",
    };

    private readonly Option<bool> _page = new("--page") { Description = "Shows the requests at /headroom, and explains them at /headroom/explain." };

    private readonly Argument<string[]> _others = new("--NAME=VALUE")
    {
        Description = "Any other setting, such as --Headroom:AllowCatalog=false.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public SettingFlags()
    {
        Upstream = new("--upstream")
        {
            Description = "Names an upstream, such as deepseek=https://api.deepseek.com/v1. Repeatable.",
            HelpName = "NAME=URL",
            Validators =
            {
                result =>
                {
                    foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) <= 0))
                    {
                        result.AddError($"--upstream: '{token.Value}' is not NAME=URL.");
                    }
                },
            },
        };
    }

    /// <summary>The flag for a named upstream.</summary>
    public Option<string[]> Upstream { get; }

    public void AddTo(Command command)
    {
        command.Arguments.Add(_others);
        command.Options.Add(_port);
        command.Options.Add(Upstream);
        command.Options.Add(_allow);
        command.Options.Add(_page);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="settings">The settings as .NET's configuration reads them.</param>
    /// <param name="mistake">What is neither a flag nor a setting.</param>
    public bool TryRead(ParseResult parsed, [NotNullWhen(true)] out string[]? settings, [NotNullWhen(false)] out string? mistake)
    {
        settings = null;
        if (!TryReadOthers(parsed.GetValue(_others) ?? [], out var others, out mistake))
        {
            return false;
        }

        if (parsed.GetValue(_port) is { } port)
        {
            if (others.Any(setting => setting.StartsWith("--urls=", StringComparison.OrdinalIgnoreCase)))
            {
                mistake = "--port and --urls: give one of them.";
                return false;
            }

            others.Add($"--urls=http://127.0.0.1:{port}");
        }

        others.AddRange((parsed.GetValue(Upstream) ?? []).Select(upstream => $"--Headroom:Upstreams:{upstream}"));

        // Keys that are not numbers add to a list; numbers would replace what the settings file has there.
        others.AddRange((parsed.GetValue(_allow) ?? []).Select((url, i) => $"--Headroom:AllowedUpstreams:flag{i}={url}"));
        if (parsed.GetValue(_page))
        {
            others.Add("--Page=true");
        }

        settings = [.. others];
        return true;
    }

    private static bool TryReadOthers(string[] tokens, out List<string> settings, [NotNullWhen(false)] out string? mistake)
    {
        settings = [];
        mistake = null;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] is not ['-', '-', _, ..])
            {
                mistake = $"{tokens[i]}: there is no such {(tokens[i].StartsWith('-') ? "flag" : "command")}.";
                return false;
            }

            var parts = tokens[i].Split('=', 2);
            if (!SettingNames.IsKnown(parts[0][2..]))
            {
                mistake = $"{parts[0]}: there is no such flag or setting.";
                return false;
            }

            if (parts.Length == 1 && (i == tokens.Length - 1 || tokens[i + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                mistake = $"{parts[0]}: the value is missing.";
                return false;
            }

            settings.Add(parts.Length == 1 ? $"{parts[0]}={tokens[++i]}" : tokens[i]);
        }

        return true;
    }
}
