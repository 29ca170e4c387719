using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Configuration;

namespace Headroom.Routing.Handlers;

/// <summary>A section of a configuration that the options of a client are read from.</summary>
/// <param name="client">The client's name.</param>
/// <param name="section">The section.</param>
internal sealed class ClientSection(string client, IConfigurationSection section)
{
    internal string Client => client;

    internal IConfigurationSection Section => section;

    /// <summary>Finds what <c>AddUpstreamOverride()</c> was given: a section is the section itself, anything else a root that has one.</summary>
    internal static IConfigurationSection In(IConfiguration configuration) =>
        configuration as IConfigurationSection ?? configuration.GetSection(HeadroomOptions.SectionName);

    /// <summary>Reads the section. A setting without effect is worse than a client that is not created, so an unknown key is an error.</summary>
    internal static void Bind(IConfigurationSection section, HeadroomClientOptions options)
    {
        section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        UpstreamAddresses.Bind(section, options);
    }
}
