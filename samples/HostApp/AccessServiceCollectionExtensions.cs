using Headroom.HostApp;
using Headroom.Routing.AspNetCore;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

internal static class AccessServiceCollectionExtensions
{
    /// <summary>Adds the authentication by <c>Headroom:Tokens</c>, the policy that asks for one of them, and the checks of <see cref="Access"/>.</summary>
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<Access>();
        services.AddSingleton<IValidateOptions<HeadroomProxyOptions>>(provider => provider.GetRequiredService<Access>());
        services.AddOptions<KestrelServerOptions>().Configure<IServiceProvider>((kestrel, provider) => kestrel.ConfigureEndpointDefaults(listen =>
            provider.GetRequiredService<Access>().Judge(listen, Current(provider))));

        services.AddAuthentication().AddHeadroomTokens();
        services.AddAuthorizationBuilder().AddPolicy(Access.Policy, policy => policy.RequireAssertion(context =>
            context.User.Identity?.IsAuthenticated == true
            || (context.Resource is HttpContext { RequestServices: { } provider } && !provider.GetRequiredService<Access>().IsAsked(Current(provider)))));
    }

    private static HeadroomProxyOptions Current(IServiceProvider provider) =>
        provider.GetRequiredService<IOptionsMonitor<HeadroomProxyOptions>>().CurrentValue;
}
