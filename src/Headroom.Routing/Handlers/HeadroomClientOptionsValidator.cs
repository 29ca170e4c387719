using Microsoft.Extensions.Options;

namespace Headroom.Routing.Handlers;

/// <summary>Checks the options of clients; lists all errors, each under its configuration key.</summary>
internal sealed class HeadroomClientOptionsValidator(IEnumerable<ClientSection> sections) : IValidateOptions<HeadroomClientOptions>
{
    public ValidateOptionsResult Validate(string? name, HeadroomClientOptions options) => options.TryCompile(out _, out var errors)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(errors.Select(error => WithActualKey(error, name)));

    // A section may have been given that has another path than the usual one.
    private string WithActualKey(string error, string? name)
    {
        const string Usual = HeadroomOptions.SectionName + ":";
        return sections.LastOrDefault(source => source.Client == name) is { } source && error.StartsWith(Usual, StringComparison.Ordinal)
            ? $"{source.Section.Path}:{error[Usual.Length..]}"
            : error;
    }
}
