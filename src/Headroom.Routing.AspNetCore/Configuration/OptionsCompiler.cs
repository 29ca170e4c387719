using System.Diagnostics.CodeAnalysis;
using System.Net;
using Headroom.Routing.Resolution;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>
/// Compiles options to a resolver. Whoever asks next with equal options gets the same one, so that options are not compiled once to be
/// checked and once more to be used.
/// </summary>
internal sealed class OptionsCompiler(IEnumerable<Provider> additional)
{
    private readonly Provider[] _additional = [.. additional];
    private readonly Lock _lock = new();
    private IWebProxy? _egressProxy = Connections.EgressProxy.OfEnvironment;
    private string? _fingerprint;
    private UpstreamResolver? _resolver;

    /// <summary>
    /// Sets the proxy that outgoing requests go through. The clients that know it can be built only from options that were checked before;
    /// until then it is the environment's, which theirs is too unless the app configured another one.
    /// </summary>
    internal void UseEgressProxy(IWebProxy? proxy)
    {
        lock (_lock)
        {
            if (proxy != _egressProxy)
            {
                (_egressProxy, _resolver) = (proxy, null);
            }
        }
    }

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

            if (!ResolverCompiler.TryCompile(options, _additional, _egressProxy, out resolver, out errors))
            {
                return false;
            }

            (_fingerprint, _resolver) = (fingerprint, resolver);
            return true;
        }
    }
}
