using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>An app's own authentication: whoever sends the header has the claims that stand in it, such as <c>tenant=acme;role=admin</c>.</summary>
internal sealed class CallerToken(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Header = "X-Headroom-Proxy-Token";

    /// <summary>Adds it as the scheme <c>Caller</c>, which is the default if it is the only one.</summary>
    public static void Add(IServiceCollection services) =>
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, CallerToken>("Caller", null);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var claims = Request.Headers[Header].ToString().Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(claim => claim.Split('='))
            .Select(pair => new Claim(pair[0], pair[1]))
            .ToArray();
        return Task.FromResult(claims.Length == 0
            ? AuthenticateResult.NoResult()
            : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name)), Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Caller realm=\"gateway\"";
        return base.HandleChallengeAsync(properties);
    }
}
