using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>Reads the operator's keys from the options. Its errors name the header that holds a key, never what is in it.</summary>
internal sealed class OperatorKeyReader
{
    private static readonly string[] Refused = [.. UnforwardedHeaders.OfOneHop, .. UnforwardedHeaders.OfMetadata, "Host"];

    private readonly string[] _callerCredentials;
    private readonly List<string> _errors;

    /// <param name="providers">All providers: a credential of any of them may be the caller's.</param>
    /// <param name="errors">Takes the errors, each under its configuration key.</param>
    internal OperatorKeyReader(IEnumerable<Provider> providers, List<string> errors)
    {
        _callerCredentials = KeyHeaders.Of(providers);
        _errors = errors;
    }

    /// <summary>Reads the key of an upstream.</summary>
    /// <param name="path">The configuration key of the upstream.</param>
    /// <param name="options">Its settings.</param>
    /// <returns>The key; <see langword="null"/> if there is none.</returns>
    internal OperatorKey? Read(string path, UpstreamOptions options)
    {
        foreach (var (name, value) in options.Headers)
        {
            if (ErrorIn(name, value) is { } error)
            {
                _errors.Add($"{path}:Headers:{name}: {error}");
            }
        }

        for (var i = 0; i < options.AllowCallers.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(options.AllowCallers[i]))
            {
                _errors.Add($"{path}:AllowCallers:{i}: names no policy.");
            }
        }

        if (options.Headers.Count > 0)
        {
            return new OperatorKey(options.Headers, _callerCredentials, options.AllowCallers);
        }

        if (options.AllowCallers.Count > 0)
        {
            _errors.Add($"{path}:AllowCallers: there is no key that it could bind; put the header that holds the key into {path}:Headers.");
        }

        return null;
    }

    private static string? ErrorIn(string name, string? value) =>
        HeadroomHeaders.IsControl(name) ? "a control header never reaches an upstream."
        : Refused.Contains(name, StringComparer.OrdinalIgnoreCase) ? "this header never reaches an upstream."
        : !KeyHeaders.CanSend(name) ? "is not the name of a request header."
        : string.IsNullOrWhiteSpace(value) ? "holds no value."
        : value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "holds a control character or one outside ASCII."
        : value != value.Trim() ? "starts or ends with a space."
        : null;
}
