using Microsoft.Extensions.Configuration;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>One place that the options are read from: a section, and the configuration that may hold the <c>*_TARGET_API_URL</c> variables.</summary>
internal sealed class HeadroomSection
{
    /// <param name="given">What <c>AddHeadroomProxy()</c> was given: a section is the section itself, anything else a root that has one.</param>
    /// <param name="app">The configuration of the app, if it has one.</param>
    internal HeadroomSection(IConfiguration? given, IConfiguration? app)
    {
        var section = given as IConfigurationSection;
        Root = (section is null ? given : null) ?? app ?? new ConfigurationBuilder().Build();
        Section = section ?? Root.GetSection(HeadroomOptions.SectionName);
    }

    internal IConfigurationSection Section { get; }

    /// <summary>Holds the variables. It is the section's own root unless a section of another configuration than the app's was given.</summary>
    internal IConfiguration Root { get; }
}
