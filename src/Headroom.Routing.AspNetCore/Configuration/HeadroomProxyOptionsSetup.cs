using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Reads the section <c>Headroom</c> and, for bases that it leaves open, the environment variables that the original proxy knows.</summary>
internal sealed class HeadroomProxyOptionsSetup(IConfiguration configuration, IEnumerable<Provider> additional)
    : IConfigureOptions<HeadroomProxyOptions>, IOptionsChangeTokenSource<HeadroomProxyOptions>
{
    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => configuration.GetReloadToken();

    public void Configure(HeadroomProxyOptions options)
    {
        var section = configuration.GetSection(HeadroomOptions.SectionName);
        section.Bind(options);
        options.StripRequestHeaders ??= ReadEmpty(section, nameof(options.StripRequestHeaders));
        options.StripResponseHeaders ??= ReadEmpty(section, nameof(options.StripResponseHeaders));
        foreach (var provider in KnownProviders.All.Concat(additional))
        {
            if (provider.BaseAddressVariable is not { } variable || configuration[variable] is not { Length: > 0 } value)
            {
                continue;
            }

            if (!options.Providers.TryGetValue(provider.Name, out var settings))
            {
                options.Providers[provider.Name] = settings = new ProviderOptions();
            }

            if (string.IsNullOrWhiteSpace(settings.BaseAddress))
            {
                settings.BaseAddress = value;
            }
        }
    }

    // The binder passes over an empty list; here it says something else than an absent one.
    private static string[]? ReadEmpty(IConfigurationSection section, string key) => section[key] is "" ? [] : null;
}
