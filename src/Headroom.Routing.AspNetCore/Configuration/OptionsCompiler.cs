using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>
/// Compiles options to a resolver and groups of callers. Equal options get the same ones, so that options are not compiled once to be checked and once more to
/// be used.
/// </summary>
internal sealed class OptionsCompiler(IEnumerable<Provider> additional, IEgressProxySource egress)
{
    private readonly Provider[] _additional = [.. additional];
    private readonly Lock _lock = new();
    private string? _fingerprint;
    private UpstreamResolver? _resolver;
    private IReadOnlyList<CallerGroup> _callers = [];

    /// <summary>Compiles options, or lists what is wrong with them, each under its configuration key.</summary>
    internal bool TryCompile(
        HeadroomProxyOptions options, [NotNullWhen(true)] out UpstreamResolver? resolver, out IReadOnlyList<CallerGroup> callers, out List<string> errors)
    {
        lock (_lock)
        {
            var fingerprint = OptionsFingerprint.Of(options);
            if (_resolver is { } known && fingerprint == _fingerprint)
            {
                (resolver, callers, errors) = (known, _callers, []);
                return true;
            }

            callers = UpstreamResolver.TryCreate(options, _additional, () => egress.Proxy, out resolver, out errors)
                ? CallerGroup.Compile(options, resolver, errors)
                : [];
            if (resolver is null || errors.Count > 0)
            {
                return false;
            }

            (_fingerprint, _resolver, _callers) = (fingerprint, resolver, callers);
            return true;
        }
    }
}
