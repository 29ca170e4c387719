using System.CommandLine;
using System.CommandLine.Parsing;
using Headroom.Routing.AspNetCore;
using Microsoft.Extensions.Primitives;

namespace Headroom.HostApp.Commands;

/// <summary>
/// <c>explain POST /v1/chat/completions -H "X-Headroom-Upstream: ..."</c>: prints where the app would send a request, and why. The app is configured
/// as it is for a start, but it is not started, and nothing is sent.
/// </summary>
internal sealed class ExplainCommand : SettingsCommand
{
    private const int Forwarded = 0;
    private const int NotForwarded = 1;
    private const int NotAnswered = 2;

    private const string About = "Tells where a request would go, and why, without sending it. The exit code is 0 if it would be forwarded, 1 if not, 2 if that can't be told.";

    private readonly Argument<string> _method = new("METHOD") { Description = "Such as POST." };
    private readonly Argument<string> _target = new("PATH") { Description = "Such as /v1/chat/completions, with its query if it has one." };
    private readonly Option<string[]> _headers = new("-H", "--header") { Description = "A header of the request. Repeatable.", HelpName = "NAME: VALUE" };
    private readonly Option<bool> _dns = new("--dns") { Description = "Resolves the upstream's name, and judges its addresses." };
    private readonly string? _userFile;

    public ExplainCommand(SettingFlags flags, string? userFile)
        : base("explain", About, flags)
    {
        _userFile = userFile;
        _method.Validators.Add(result => Require(result, text => !text.StartsWith('-'), "is no method"));
        _target.Validators.Add(result => Require(result, text => text.StartsWith('/'), "is no path; it begins with /"));
        _headers.Validators.Add(result => Require(result, text => text.TrimStart().IndexOf(':', StringComparison.Ordinal) > 0, "is not NAME: VALUE"));
        Arguments.Add(_method);
        Arguments.Add(_target);
        Options.Add(_headers);
        Options.Add(_dns);
        flags.AddTo(this);
    }

    protected override Task<int> RunAsync(ParseResult parsed, string[] settings) =>
        StartError.CatchAsync(parsed.InvocationConfiguration.Error, NotAnswered, async () =>
        {
            await using var app = Program.Build(settings, builder => builder.Logging.ClearProviders(), _userFile);
            var explanation = await app.Services.GetRequiredService<HeadroomExplainer>().ExplainAsync(
                parsed.GetRequiredValue(_method), parsed.GetRequiredValue(_target), (parsed.GetValue(_headers) ?? []).Select(Header), parsed.GetValue(_dns));
            await parsed.InvocationConfiguration.Output.WriteAsync(explanation.ToString());
            return explanation.IsForwarded ? Forwarded : NotForwarded;
        });

    private static void Require(SymbolResult result, Predicate<string> isValid, string mistake)
    {
        foreach (var token in result.Tokens.Where(token => !isValid(token.Value)))
        {
            result.AddError($"{token.Value}: {mistake}.");
        }
    }

    private static KeyValuePair<string, StringValues> Header(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(text[..colon].Trim(), text[(colon + 1)..].Trim());
    }
}
