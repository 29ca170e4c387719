using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>All places that the options are read from, and the files behind them.</summary>
internal sealed class ConfigurationSources(IEnumerable<HeadroomSection> sections, IEnumerable<Provider> additional)
{
    private readonly string[] _variables =
        [.. KnownProviders.With(additional).Select(provider => provider.BaseAddressVariable).OfType<string>()];

    internal IReadOnlyList<HeadroomSection> Sections { get; } = [.. sections];

    /// <summary>Produces the change token of each source.</summary>
    internal IEnumerable<Func<IChangeToken>> Changes =>
        Sections.SelectMany(source => new Func<IChangeToken>[] { source.Section.GetReloadToken, source.Root.GetReloadToken });

    /// <summary>The files that give settings of the proxy.</summary>
    /// <remarks>The files of a section are known only if the section is one of the app's configuration: it does not tell its root.</remarks>
    internal HashSet<FileConfigurationSource> FilesWithSettings() =>
    [
        .. from source in Sections
           from file in FilesOf(source.Root)
           where file.GetChildKeys([], source.Section.Path).Any() || _variables.Any(variable => file.TryGet(variable, out _))
           select file.Source,
    ];

    /// <summary>Finds the first of these files that no longer has any setting. It was deleted, is being rewritten, or is broken.</summary>
    internal string? FindVanished(IReadOnlySet<FileConfigurationSource> files) => Sections
        .SelectMany(source => FilesOf(source.Root))
        .FirstOrDefault(file => files.Contains(file.Source) && !file.GetChildKeys([], null).Any())?.Source.Path;

    private static IEnumerable<FileConfigurationProvider> FilesOf(IConfiguration configuration) => configuration is IConfigurationRoot root
        ? root.Providers.SelectMany(provider => provider switch
        {
            FileConfigurationProvider file => [file],
            ChainedConfigurationProvider chained => FilesOf(chained.Configuration),
            _ => [],
        })
        : [];
}
