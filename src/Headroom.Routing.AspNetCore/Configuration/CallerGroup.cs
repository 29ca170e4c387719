using System.Security.Claims;
using Headroom.Routing.Resolution;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>A group of callers, compiled from <see cref="CallerOptions"/>. Immutable.</summary>
internal sealed class CallerGroup
{
    private readonly string? _claimType;
    private readonly string? _claimValue;

    /// <param name="key">The configuration key of the group.</param>
    /// <param name="options">Who belongs to it.</param>
    /// <param name="reach">What it may reach.</param>
    private CallerGroup(string key, CallerOptions options, UpstreamReach reach)
    {
        Key = key;
        Policy = options.Policy;
        Reach = reach;
        _claimType = options.Claim?.Type;
        _claimValue = options.Claim?.Value;
    }

    internal string Key { get; }

    /// <summary>The policy that members satisfy besides having the claim; <see langword="null"/> if there is none.</summary>
    internal string? Policy { get; }

    internal UpstreamReach Reach { get; }

    /// <summary>Compiles the groups, and adds every error under the key that holds it.</summary>
    internal static IReadOnlyList<CallerGroup> Compile(HeadroomProxyOptions options, UpstreamResolver resolver, List<string> errors)
    {
        var groups = new List<CallerGroup>();
        foreach (var (name, group) in options.Callers)
        {
            var key = $"{HeadroomOptions.SectionName}:{nameof(options.Callers)}:{name}";
            errors.AddRange(ErrorsIn(key, group, options.AllowCatalog));
            groups.Add(new CallerGroup(key, group, UpstreamReach.Compile(
                key, resolver.Rules, group.Providers, group.Upstreams, group.AllowedUpstreams, group.AllowCatalog, errors)));
        }

        return groups;
    }

    /// <summary>Whether a caller has the group's claim, if it asks for one.</summary>
    internal bool HasClaim(ClaimsPrincipal caller) => _claimType is not { } type
        || (_claimValue is { } value
            ? caller.HasClaim(type, value)
            : caller.HasClaim(claim => string.Equals(claim.Type, type, StringComparison.OrdinalIgnoreCase)));

    private static IEnumerable<string> ErrorsIn(string key, CallerOptions group, bool catalogIsAllowed)
    {
        if (group.Claim is null && string.IsNullOrEmpty(group.Policy))
        {
            if (!group.Everyone)
            {
                yield return $"{key}: has no members. Set {nameof(group.Claim)} or {nameof(group.Policy)}, or {nameof(group.Everyone)} to true.";
            }
        }
        else if (group.Everyone)
        {
            yield return $"{key}:{nameof(group.Everyone)}: is true, so that {nameof(group.Claim)} and {nameof(group.Policy)} have no effect; leave one of them out.";
        }

        if (group.Claim is { } claim && string.IsNullOrWhiteSpace(claim.Type))
        {
            yield return $"{key}:{nameof(group.Claim)}:{nameof(CallerClaim.Type)}: must be the type of a claim, such as tenant.";
        }

        if (group.Claim?.Value is "")
        {
            yield return $"{key}:{nameof(group.Claim)}:{nameof(CallerClaim.Value)}: is empty; leave it out to accept any value.";
        }

        if (group is { AllowCatalog: false, Providers.Count: 0, Upstreams.Count: 0, AllowedUpstreams.Count: 0 })
        {
            yield return $"{key}: reaches nothing. Set {nameof(group.Providers)}, {nameof(group.Upstreams)}, {nameof(group.AllowedUpstreams)} or {nameof(group.AllowCatalog)}.";
        }
        else if (group.AllowCatalog && !catalogIsAllowed)
        {
            yield return $"{key}:{nameof(group.AllowCatalog)}: has no effect, because {HeadroomOptions.SectionName}:{nameof(HeadroomOptions.AllowCatalog)} is false.";
        }
    }
}
