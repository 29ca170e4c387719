using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Handlers;

/// <summary>
/// Tells an injected <see cref="IOptionsMonitor{TOptions}"/> about a change after the new options were found valid. If the configuration told it directly,
/// an invalid change would throw an exception at whoever changed the configuration.
/// </summary>
internal sealed class ReloadSignal<TOptions>(string name) : IOptionsChangeTokenSource<TOptions>
{
    private ConfigurationReloadToken _next = new();

    public string Name => name;

    public IChangeToken GetChangeToken() => _next;

    internal void Raise() => Interlocked.Exchange(ref _next, new ConfigurationReloadToken()).OnReload();
}
