using Headroom.Routing.Resolution;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>Asks a resolver as a test reads: a target, or a refusal.</summary>
internal static class ResolverAssert
{
    public static UpstreamTarget Resolves(this UpstreamResolver resolver, string method, string path, string headers = "") =>
        resolver.TryResolve(method, path, Headers(headers), out var target, out var refusal)
            ? target
            : throw new AssertFailedException($"{method} {path} was refused: {refusal.Message} ({refusal.Detail})");

    public static Refusal Refuses(this UpstreamResolver resolver, string method, string path, string headers = "") =>
        resolver.TryResolve(method, path, Headers(headers), out var target, out var refusal)
            ? throw new AssertFailedException($"{method} {path} was not refused, but goes to {target.Uri}.")
            : refusal;

    public static Ownership OwnershipOf(this UpstreamResolver resolver, string method, string path, string headers = "") =>
        resolver.Decide(method, path, resolver.Headers.Read(Headers(headers))).Ownership;

    public static Dictionary<string, StringValues> Headers(string cell)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in CaseFile.Headers(cell))
        {
            headers[name] = StringValues.Concat(headers.GetValueOrDefault(name), value);
        }

        return headers;
    }

    /// <summary>Options under which every host may be named, so that only the rules decide where a request goes.</summary>
    public static HeadroomOptions AnyHost { get; } = new() { AllowedUpstreams = { "https://*", "http://127.0.0.1:*" } };
}
