using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Providers;

/// <summary>Finds errors in providers, so that they stop the start instead of failing each request.</summary>
internal static class ProviderCheck
{
    internal static IEnumerable<string> ErrorsOf(IReadOnlyCollection<Provider> providers)
    {
        foreach (var group in providers.GroupBy(provider => provider.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            yield return $"There is more than one provider called '{group.Key}'.";
        }

        if (RequestHeaderReader.Count(ProviderRouteMap.CredentialsOf(providers)) > RequestHeaderReader.MaxCredentials)
        {
            yield return $"The providers ask for more than {RequestHeaderReader.MaxCredentials} different credentials.";
        }

        foreach (var provider in providers)
        {
            if (string.IsNullOrWhiteSpace(provider.Name) || provider.Name.Contains(':', StringComparison.Ordinal))
            {
                yield return $"A provider's name is part of a configuration key: '{provider.Name}' is blank or holds a colon.";
            }

            foreach (var error in provider.Routes.SelectMany(ErrorsOf).Concat(ErrorsOf(provider.Region, provider)))
            {
                yield return $"Provider '{provider.Name}': {error}";
            }
        }
    }

    private static IEnumerable<string> ErrorsOf(ProviderRoute route)
    {
        if (TemplateError(route.Template) is { } error)
        {
            yield return error;
        }

        if (route.Prepend is not "" && (!route.Prepend.StartsWith('/') || route.Prepend.EndsWith('/') || PathRules.Check(route.Prepend) is not null))
        {
            yield return $"Prepend '{route.Prepend}' of the route '{route.Template}' must start with a slash, not end in one and be a path that may be sent, such as /v1.";
        }
    }

    private static string? TemplateError(string template)
    {
        try
        {
            _ = RouteTemplate.Parse(template);
            return template.StartsWith("/@", StringComparison.Ordinal)
                ? $"The route template '{template}' starts with '@', as the paths do that name an upstream."
                : null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> ErrorsOf(RegionalBaseAddress? region, Provider provider)
    {
        if (region is null)
        {
            yield break;
        }

        if (!region.Template.Contains(RegionalBaseAddress.Placeholder, StringComparison.Ordinal))
        {
            yield return $"The regional base address '{region.Template}' does not hold {RegionalBaseAddress.Placeholder} for the location.";
        }

        foreach (var url in region.Exceptions.Values.Prepend(region.Template.Replace(RegionalBaseAddress.Placeholder, "location1", StringComparison.Ordinal)))
        {
            if (!UpstreamOverride.TryParse(url, out _, out var refusal))
            {
                yield return $"The regional base address '{url}' can't be used: {refusal.Message}";
            }
        }

        if (!provider.Routes.Any(route => TemplateError(route.Template) is null && RouteTemplate.Parse(route.Template).Has(region.Parameter)))
        {
            yield return $"No route has the parameter '{region.Parameter}' of the regional base address.";
        }
    }
}
