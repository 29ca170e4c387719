using System.Security.Claims;
using System.Text.Encodings.Web;
using Headroom.Routing.AspNetCore.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Headroom.Routing.AspNetCore.Authentication;

/// <summary>Authenticates callers by the tokens of <see cref="HeadroomProxyOptions.Tokens"/>, as they are at the moment.</summary>
internal sealed class HeadroomTokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    // The short form is what a setting of a group of callers would hold.
    private const string NameClaim = "name";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var tokens = (Context.RequestServices.GetService<CurrentOptions>()
            ?? throw new InvalidOperationException("AddHeadroomTokens() needs the proxy's services: call builder.Services.AddHeadroomProxy() before the app is built.")).Current.Tokens;
        var given = Request.Headers[HeadroomHeaders.ProxyToken].ToString().Trim();
        var holder = given.Length > 0 ? tokens.HolderOf(given) : tokens.HolderByKey(Request);
        if (holder is null)
        {
            return Task.FromResult(given.Length > 0 ? AuthenticateResult.Fail("The token is not known.") : AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity([new Claim(NameClaim, holder)], Scheme.Name, NameClaim, ClaimTypes.Role);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    // RFC 9110, section 11.6.1: a 401 names a scheme.
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.Append(HeaderNames.WWWAuthenticate, "Bearer");
        return base.HandleChallengeAsync(properties);
    }
}
