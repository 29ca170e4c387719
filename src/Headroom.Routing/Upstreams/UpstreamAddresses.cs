using Microsoft.Extensions.Configuration;

namespace Headroom.Routing.Upstreams;

/// <summary>Reads upstreams that are written as mere URLs. The binder takes no value where an object belongs.</summary>
internal static class UpstreamAddresses
{
    /// <param name="section">The section of all options.</param>
    /// <param name="options">The options, after the binder has read the section.</param>
    internal static void Bind(IConfigurationSection section, HeadroomOptions options)
    {
        foreach (var upstream in section.GetSection(nameof(HeadroomOptions.Upstreams)).GetChildren())
        {
            if (!options.Upstreams.TryGetValue(upstream.Key, out var settings) || settings is null)
            {
                options.Upstreams[upstream.Key] = settings = new UpstreamOptions();
            }

            if (upstream.Value is { Length: > 0 } address)
            {
                settings.BaseAddress = address;
            }
        }
    }
}
