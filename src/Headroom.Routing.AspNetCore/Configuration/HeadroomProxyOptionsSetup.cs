using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Reads a section and, for bases that it leaves open, the environment variables that the original proxy knows.</summary>
internal sealed class HeadroomProxyOptionsSetup(HeadroomSection source, IEnumerable<Provider> additional) : IConfigureOptions<HeadroomProxyOptions>
{
    public void Configure(HeadroomProxyOptions options)
    {
        Bind(source.Section, options);
        UpstreamAddresses.Bind(source.Section, options);
        options.StripRequestHeaders ??= ReadEmpty(nameof(options.StripRequestHeaders));
        options.StripResponseHeaders ??= ReadEmpty(nameof(options.StripResponseHeaders));
        foreach (var provider in KnownProviders.With(additional))
        {
            if (provider.BaseAddressVariable is not { } variable || source.Root[variable] is not { Length: > 0 } value)
            {
                continue;
            }

            if (!options.Providers.TryGetValue(provider.Name, out var settings) || settings is null)
            {
                options.Providers[provider.Name] = settings = new ProviderOptions();
            }

            if (string.IsNullOrWhiteSpace(settings.BaseAddress))
            {
                settings.BaseAddress = value;
            }
        }
    }

    private static void Bind(IConfigurationSection section, HeadroomProxyOptions options)
    {
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException) when (ConfigurationSchema.Check(section).Any())
        {
            // The binder stops at the first value that it can't read. The validator names that value, together with all other errors.
        }
    }

    // The binder passes over an empty list, which means something else here than an absent one.
    private string[]? ReadEmpty(string key) => source.Section[key] is "" ? [] : null;
}
