namespace Headroom.Routing.AspNetCore.Tests.Providers;

/// <summary>Requests for every route of every provider, made from the route maps themselves: a route that is added is tested without being listed.</summary>
internal static class ProviderRoutes
{
    public static IEnumerable<object[]> All =>
        from provider in KnownProviders.All
        from route in provider.Routes
        from path in PathsOf(provider, route)
        select new object[] { provider.Name, route.Methods.Count > 0 ? route.Methods[0] : "POST", path, HeaderFor(provider, route) };

    public static Provider Find(string name) => KnownProviders.All.Single(provider => provider.Name == name);

    /// <summary>Where a request goes below a base: by the route that it was made from.</summary>
    public static string Below(Provider provider, string url, string path)
    {
        var route = provider.Routes.First(route => PathsOf(provider, route).Contains(path));
        return url + route.Prepend + (route.DropFirstSegment ? path[path.IndexOf('/', 1)..] : path);
    }

    /// <summary>The provider's own base for a path; <see langword="null"/> if it has none.</summary>
    public static string? DefaultBase(Provider provider) => provider.BaseAddress ?? provider.Region?.Template.Replace("{0}", Location, StringComparison.Ordinal);

    private const string Location = "europe-west1";

    private static IEnumerable<string> PathsOf(Provider provider, ProviderRoute route)
    {
        var path = route.Template
            .Replace("{version}", "v1", StringComparison.Ordinal)
            .Replace("{project}", "my-project", StringComparison.Ordinal)
            .Replace("{location}", Location, StringComparison.Ordinal)
            .Replace("{id}", "anthropic.claude-v2%3A1%2Fx", StringComparison.Ordinal)
            .Replace("{model}", "gemini-2.5-pro", StringComparison.Ordinal)
            .Replace("{service}", "v1beta.GenerativeService.BidiGenerateContent", StringComparison.Ordinal);
        foreach (var acted in route.Actions.DefaultIfEmpty("loadCodeAssist").Select(action => path.Replace("{action}", action, StringComparison.Ordinal)).Distinct())
        {
            var rest = acted.IndexOf("/{**rest}", StringComparison.Ordinal);
            string[] paths = rest < 0 ? [acted] : [acted[..rest], acted[..rest] + "/a%2Fb:c/d"];
            foreach (var filled in paths)
            {
                Assert.DoesNotContain('{', filled, $"{provider.Name}: say what stands for the parameters of {route.Template}");
                yield return filled;
            }
        }
    }

    // On a shared path the credential decides; other routes need what their condition says, and nothing else.
    private static string HeaderFor(Provider provider, ProviderRoute route)
    {
        var credential = route.When ?? (route.Shared ? provider.Credentials[0] : null);
        return credential is null ? "X: y" : $"{credential.Header}: {credential.ValuePrefix}key";
    }
}
