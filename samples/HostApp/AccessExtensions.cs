using Headroom.Routing.AspNetCore;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

internal static class AccessExtensions
{
    /// <summary>Adds the checks of <see cref="Access"/> and, if there are <c>Headroom:Tokens</c>, the authentication by them.</summary>
    internal static void AddAccess(this WebApplicationBuilder builder, HeadroomProxyBuilder proxy)
    {
        builder.Services.AddSingleton<Access>();
        builder.Services.AddSingleton<IValidateOptions<HeadroomProxyOptions>>(provider => provider.GetRequiredService<Access>());
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IServiceProvider>((kestrel, provider) => kestrel.ConfigureEndpointDefaults(listen =>
            provider.GetRequiredService<Access>().Judge(listen, provider.GetRequiredService<IOptionsMonitor<HeadroomProxyOptions>>().CurrentValue)));

        if (builder.Configuration.GetSection("Headroom:Tokens").GetChildren().Any())
        {
            builder.Services.AddAuthentication().AddHeadroomTokens();
            builder.Services.AddAuthorization();
            proxy.UseHeadroomErrors();
        }
    }

    /// <summary>Asks the callers of endpoints who they are, if the app asks at all.</summary>
    internal static void RequireAccess(this IEndpointConventionBuilder endpoints, WebApplication app)
    {
        if (app.Services.GetRequiredService<Access>().IsAsked)
        {
            endpoints.RequireAuthorization();
        }
    }
}
