using Headroom.Routing.Resolution;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Checks the options and the configuration that they were read from; lists all errors, each under its configuration key.</summary>
internal sealed class HeadroomProxyOptionsValidator(ConfigurationSources sources, OptionsCompiler compiler, IServiceProvider services) : IValidateOptions<HeadroomProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, HeadroomProxyOptions options)
    {
        if (name is { Length: > 0 })
        {
            // The proxy uses no named options.
            return ValidateOptionsResult.Skip;
        }

        List<string> errors = [.. sources.Sections.SelectMany(source => ConfigurationSchema.Check(source.Section))];
        string[] reported = [.. errors.Select(KeyOf)];
        errors.AddRange(ErrorsIn(options).Select(WithActualKey).Where(error => !reported.Any(key => IsAtOrBelow(key, KeyOf(error)))));
        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }

    private List<string> ErrorsIn(HeadroomProxyOptions options)
    {
        compiler.TryCompile(options, out _, out _, out var errors);
        foreach (var (name, group) in options.Callers)
        {
            if (group.Policy is { Length: > 0 } policy && PolicyNames.ErrorOf(services, policy) is { } error)
            {
                errors.Add($"{HeadroomOptions.SectionName}:{nameof(options.Callers)}:{name}:{nameof(group.Policy)}: {error}");
            }
        }

        foreach (var (key, upstream) in Upstreams(options))
        {
            for (var i = 0; i < upstream?.AllowCallers.Count; i++)
            {
                if (upstream.AllowCallers[i] is { Length: > 0 } policy && PolicyNames.ErrorOf(services, policy) is { } error)
                {
                    errors.Add($"{HeadroomOptions.SectionName}:{key}:{nameof(upstream.AllowCallers)}:{i}: {error}");
                }
            }
        }

        AddTimeoutError(options.ConnectTimeout, nameof(options.ConnectTimeout));
        AddTimeoutError(options.IdleConnectionTimeout, nameof(options.IdleConnectionTimeout));
        AddTimeoutError(options.IdleTimeout, nameof(options.IdleTimeout));
        AddListErrors(
            options.AllowedOrigins, nameof(options.AllowedOrigins), origin => WebOrigin.TryParse(origin, out _),
            "is neither '*' nor an origin such as https://chat.example.com.");
        AddTokenErrors();
        AddHeaderErrors(options.StripRequestHeaders, nameof(options.StripRequestHeaders));
        AddHeaderErrors(options.AlsoStripRequestHeaders, nameof(options.AlsoStripRequestHeaders));
        AddHeaderErrors(options.StripResponseHeaders, nameof(options.StripResponseHeaders));
        AddHeaderErrors(options.AlsoStripResponseHeaders, nameof(options.AlsoStripResponseHeaders));
        return errors;

        void AddTimeoutError(TimeSpan? timeout, string key)
        {
            if (TimeoutRule.Check(timeout, key) is { } error)
            {
                errors.Add(error);
            }
        }

        void AddTokenErrors()
        {
            var holders = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (holder, token) in options.Tokens)
            {
                var error = string.IsNullOrEmpty(token) ? "holds no token."
                    : token.Length > GatewayTokens.MaxLength ? $"is longer than {GatewayTokens.MaxLength} characters."
                    : token.AsSpan().ContainsAnyExceptInRange('!', '~') || token.Contains(',', StringComparison.Ordinal)
                        ? "holds a space, a comma, a control character or one outside ASCII."
                    : !holders.TryAdd(token, holder) ? $"is the token of {HeadroomOptions.SectionName}:{nameof(options.Tokens)}:{holders[token]} too."
                    : null;
                if (error is not null)
                {
                    errors.Add($"{HeadroomOptions.SectionName}:{nameof(options.Tokens)}:{holder}: {error}");
                }
            }
        }

        void AddHeaderErrors(IList<string>? names, string key) => AddListErrors(
            names ?? [], key, header => HeaderPattern.TryParse(header, out _), "is not the name of a header, optionally with one '*' at its end.");

        void AddListErrors(IList<string> values, string key, Predicate<string?> isValid, string error)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (!isValid(values[i]))
                {
                    errors.Add($"{HeadroomOptions.SectionName}:{key}:{i}: {error}");
                }
            }
        }
    }

    private static IEnumerable<(string Key, UpstreamOptions? Options)> Upstreams(HeadroomProxyOptions options) =>
    [
        .. options.Providers.Select(pair => ($"{nameof(options.Providers)}:{pair.Key}", (UpstreamOptions?)pair.Value)),
        .. options.Upstreams.Select(pair => ($"{nameof(options.Upstreams)}:{pair.Key}", (UpstreamOptions?)pair.Value)),
    ];

    // A section may have been given that has another path than the usual one.
    private string WithActualKey(string error)
    {
        const string Usual = HeadroomOptions.SectionName + ":";
        if (sources.Sections.Count == 0 || !error.StartsWith(Usual, StringComparison.Ordinal))
        {
            return error;
        }

        var key = KeyOf(error)[Usual.Length..];
        var source = sources.Sections.LastOrDefault(source => source.Section.GetSection(key).Exists()) ?? sources.Sections[0];
        return $"{source.Section.Path}:{error[Usual.Length..]}";
    }

    // What is wrong with a whole may only follow from what is wrong with its part.
    private static bool IsAtOrBelow(string key, string whole) =>
        key.StartsWith(whole, StringComparison.OrdinalIgnoreCase) && (key.Length == whole.Length || key[whole.Length] == ':');

    private static string KeyOf(string error)
    {
        var key = error.Split(": ", 2)[0];
        var variable = key.IndexOf(" (or ", StringComparison.Ordinal);
        return variable < 0 ? key : key[..variable];
    }
}
