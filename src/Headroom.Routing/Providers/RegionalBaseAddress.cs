using System.Collections.Frozen;

namespace Headroom.Routing;

/// <summary>How the base URL follows from a location in the request's path.</summary>
/// <param name="Parameter">The parameter of the route's template that holds the location.</param>
/// <param name="Template">The base URL, with <c>{0}</c> for the location.</param>
public sealed record RegionalBaseAddress(string Parameter, string Template)
{
    /// <summary>The base URLs of locations that do not follow the template, by location.</summary>
    public IReadOnlyDictionary<string, string> Exceptions { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>
    /// Whether a location may become part of a host name: lower-case letters and digits in groups joined by single hyphens.
    /// Nothing else ever does, so that a location can't choose the host.
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
        Exceptions.TryGetValue(location, out var exception) ? exception : Template.Replace("{0}", location, StringComparison.Ordinal);
}
