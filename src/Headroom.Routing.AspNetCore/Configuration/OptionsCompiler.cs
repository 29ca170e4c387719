using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>
/// Compiles options to a resolver. Equal options get the same resolver, so that options are not compiled once to be checked and once more to be used.
/// </summary>
internal sealed class OptionsCompiler(IEnumerable<Provider> additional, IEgressProxySource egress)
{
    private readonly Provider[] _additional = [.. additional];
    private readonly Lock _lock = new();
    private string? _fingerprint;
    private UpstreamResolver? _resolver;

    /// <summary>Compiles options, or lists what is wrong with them, each under its configuration key.</summary>
    internal bool TryCompile(HeadroomProxyOptions options, [NotNullWhen(true)] out UpstreamResolver? resolver, out List<string> errors)
    {
        lock (_lock)
        {
            var fingerprint = OptionsFingerprint.Of(options);
            if (_resolver is { } known && fingerprint == _fingerprint)
            {
                resolver = known;
                errors = [];
                return true;
            }

            if (!UpstreamResolver.TryCreate(options, _additional, () => egress.Proxy, out resolver, out errors))
            {
                return false;
            }

            (_fingerprint, _resolver) = (fingerprint, resolver);
            return true;
        }
    }
}
