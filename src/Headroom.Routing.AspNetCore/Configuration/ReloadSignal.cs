using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>
/// Tells an injected <see cref="IOptionsMonitor{TOptions}"/> that the options changed, after they were found valid. Were the monitor told
/// by the configuration itself, it would throw at an invalid change, into whoever changed the configuration.
/// </summary>
internal sealed class ReloadSignal : IOptionsChangeTokenSource<HeadroomProxyOptions>
{
    private ConfigurationReloadToken _next = new();

    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => _next;

    internal void Raise() => Interlocked.Exchange(ref _next, new ConfigurationReloadToken()).OnReload();
}
