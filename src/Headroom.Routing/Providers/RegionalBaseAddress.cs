using System.Collections.Frozen;
using System.Diagnostics;

namespace Headroom.Routing;

/// <summary>How the base URL follows from a location in the request's path.</summary>
[DebuggerDisplay("{Template}")]
public sealed class RegionalBaseAddress
{
    /// <summary>What <see cref="Template"/> holds in the place of the location.</summary>
    internal const string Placeholder = "{0}";

    /// <summary>Creates the rule.</summary>
    /// <param name="parameter">The parameter of the routes' templates that holds the location.</param>
    /// <param name="template">The base URL, with <c>{0}</c> for the location.</param>
    /// <exception cref="ArgumentException">A value is null or blank.</exception>
    public RegionalBaseAddress(string parameter, string template)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(parameter);
        ArgumentException.ThrowIfNullOrWhiteSpace(template);
        Parameter = parameter;
        Template = template;
    }

    /// <summary>The parameter of the routes' templates that holds the location.</summary>
    public string Parameter { get; }

    /// <summary>The base URL, with <c>{0}</c> for the location. One that is not a URL stops the app's start.</summary>
    public string Template { get; }

    /// <summary>The base URLs of locations that do not follow the template, by location.</summary>
    public IReadOnlyDictionary<string, string> Exceptions { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>
    /// Whether a location may become part of a host name: lower-case letters and digits in groups joined by single hyphens.
    /// Nothing else does, so a location can't choose the host.
    /// </summary>
    internal static bool IsLocation(ReadOnlySpan<char> location)
    {
        var afterHyphen = true;
        foreach (var c in location)
        {
            if (c is '-' && !afterHyphen)
            {
                afterHyphen = true;
            }
            else if (c is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            {
                afterHyphen = false;
            }
            else
            {
                return false;
            }
        }

        return !afterHyphen;
    }

    internal string For(string location) =>
        Exceptions.TryGetValue(location, out var exception) ? exception : Template.Replace(Placeholder, location, StringComparison.Ordinal);
}
