using Microsoft.Extensions.Configuration;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>Settings as tests write them: a key and a value.</summary>
internal static class SettingsExtensions
{
    public static IConfigurationBuilder AddSettings(this IConfigurationBuilder configuration, params IEnumerable<(string Key, string Value)> settings) =>
        configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
}
