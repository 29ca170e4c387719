using System.Net;
using Headroom.Routing;
using Headroom.Routing.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

/// <summary>
/// Who may use the gateway: whoever has one of <c>Headroom:Tokens</c>, or everybody if there are none at start. Settings that would let in everybody on the
/// network stop the start, and a reload that would do so is refused.
/// </summary>
internal sealed class Access(IConfiguration configuration, IOptions<AuthenticationOptions> authentication) : IValidateOptions<HeadroomProxyOptions>
{
    private const string AllowAnonymous = "AllowAnonymous";

    private const string Remedy =
        "Set Headroom:Tokens:0 (in the environment Headroom__Tokens__0) to a token that callers send as " + HeadroomHeaders.ProxyToken + ", or listen on 127.0.0.1";

    private volatile string? _beyond;

    /// <summary>Whether callers must say who they are. Where they need not, a request is spared what would find that out.</summary>
    internal bool IsAsked => authentication.Value.Schemes.Any();

    private bool IsTokenAsked => authentication.Value.SchemeMap.ContainsKey(HeadroomTokenDefaults.AuthenticationScheme);

    /// <summary>Judges an address before it is bound, whichever setting it comes from.</summary>
    /// <exception cref="OptionsValidationException">Others than this machine's own programs could use the gateway unasked.</exception>
    internal void Judge(ListenOptions listen, HeadroomProxyOptions options)
    {
        if (listen.IPEndPoint is { } endpoint ? IPAddress.IsLoopback(endpoint.Address) : (listen.SocketPath ?? listen.PipeName) is not null)
        {
            return;
        }

        _beyond = listen.ToString();
        if (FaultIn(options, _beyond!) is { } fault)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(HeadroomProxyOptions), [fault]);
        }
    }

    public ValidateOptionsResult Validate(string? name, HeadroomProxyOptions options) =>
        _beyond is { } address && FaultIn(options, address) is { } fault ? ValidateOptionsResult.Fail(fault)
        : options.Tokens.Count > 0 != IsTokenAsked ? ValidateOptionsResult.Fail(
            "Headroom:Tokens: whether callers are asked for a token is settled when the app starts. Restart it for the first token, and after the last one is gone.")
        : ValidateOptionsResult.Success;

    private string? FaultIn(HeadroomProxyOptions options, string address) =>
        IsAsked && (options.Tokens.Count > 0 || !IsTokenAsked) ? null
        : KeyIn(options) is { } key ? $"{key}: the app listens on {address}, beyond this machine, and would use this key for everybody. {Remedy}."
        : configuration.GetValue<bool>(AllowAnonymous) ? null
        : $"The app listens on {address}, beyond this machine, and asks nobody who they are. {Remedy}, or set {AllowAnonymous} to true.";

    private static string? KeyIn(HeadroomProxyOptions options) =>
        options.Upstreams.Where(pair => pair.Value?.Headers.Count > 0).Select(pair => $"Headroom:Upstreams:{pair.Key}:Headers")
            .Concat(options.Providers.Where(pair => pair.Value?.Headers.Count > 0).Select(pair => $"Headroom:Providers:{pair.Key}:Headers"))
            .FirstOrDefault();
}
