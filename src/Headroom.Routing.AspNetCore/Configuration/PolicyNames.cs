using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Tells whether the app has the authorization policies that are named to the proxy, so that a misspelled one stops the start.</summary>
internal static class PolicyNames
{
    /// <summary>Looks a policy up.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="name">The policy's name; <see langword="null"/> for the app's default policy, which always exists.</param>
    /// <returns>What is wrong; <see langword="null"/> if there is such a policy.</returns>
    internal static string? ErrorOf(IServiceProvider services, string? name)
    {
        // An app may have a provider of its own, and that may be scoped.
        using var scope = services.CreateScope();
        if (scope.ServiceProvider.GetService<IAuthorizationService>() is null || scope.ServiceProvider.GetService<IAuthorizationPolicyProvider>() is not { } policies)
        {
            return "needs the app's authorization services: call builder.Services.AddAuthorization().";
        }

        return name is null || policies.GetPolicyAsync(name).GetAwaiter().GetResult() is not null
            ? null
            : $"there is no authorization policy '{name}': add it by builder.Services.AddAuthorization(options => options.AddPolicy(...)).";
    }
}
