using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore;

/// <summary>Puts an implementation of ours in front of the one that the app has.</summary>
internal static class DecorateExtensions
{
    /// <summary>Wraps the service that would be resolved as things stand. A service that the app registers later takes the place of both.</summary>
    internal static void Decorate<TService>(this IServiceCollection services, Func<TService, TService> wrap)
        where TService : class
    {
        var inner = services.Last(service => service.ServiceType == typeof(TService) && !service.IsKeyedService);
        services.Add(new ServiceDescriptor(typeof(TService), provider => wrap((TService)Create(provider)), inner.Lifetime));

        object Create(IServiceProvider provider) => inner.ImplementationInstance
            ?? inner.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!);
    }
}
