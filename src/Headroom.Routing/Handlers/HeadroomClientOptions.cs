using System.Diagnostics.CodeAnalysis;
using System.Net;
using Headroom.Routing.Connections;
using Headroom.Routing.Handlers;
using Headroom.Routing.Resolution;

namespace Headroom.Routing;

/// <summary>
/// Where the requests of an <see cref="HttpClient"/> with <c>AddUpstreamOverride()</c> may go, and how it connects. They are named options: their name is the
/// client's. Changes of the configuration take effect while the app runs, if they are valid.
/// </summary>
public sealed class HeadroomClientOptions : HeadroomOptions
{
    private readonly List<Provider> _added = [];
    private Action<SocketsHttpHandler>? _configureHandler;

    /// <summary>How long resolving a name and connecting to it may take. 10 seconds by default. A change holds for handlers that the factory makes after it.</summary>
    public TimeSpan ConnectTimeout { get; set; } = UpstreamHandlerFactory.DefaultConnectTimeout;

    /// <summary>Adds a provider besides the <see cref="KnownProviders"/>.</summary>
    /// <param name="provider">The provider.</param>
    /// <exception cref="ArgumentNullException"><paramref name="provider"/> is null.</exception>
    public void AddProvider(Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        _added.Add(provider);
    }

    /// <summary>
    /// Tunes the handlers that open the connections: their TLS options, their proxy. A client has one for upstreams of the operator and one for those that
    /// the caller chooses; the latter has no proxy, whatever is set here, because a proxy hides the addresses that have to be judged.
    /// </summary>
    /// <remarks>
    /// The guard stays: a client whose handler is given another connect callback, follows redirects or keeps cookies throws an
    /// <see cref="InvalidOperationException"/> when it is created.
    /// </remarks>
    /// <param name="configure">Called for each handler that is made, after what was added before.</param>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is null.</exception>
    public void ConfigureHandler(Action<SocketsHttpHandler> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _configureHandler += configure;
    }

    // What only a gateway heeds would have no effect here.
    private IEnumerable<string> IdleSettings()
    {
        foreach (var (name, provider) in Providers)
        {
            if (provider?.Headers.Count > 0)
            {
                yield return $"{SectionName}:Providers:{name}:Headers: a request that names no upstream goes out as it is; put the key on the client, or name an upstream in {SectionName}:Upstreams.";
            }
        }

        foreach (var (name, upstream) in Upstreams)
        {
            if (upstream?.AllowCallers.Count > 0)
            {
                yield return $"{SectionName}:Upstreams:{name}:AllowCallers: only a gateway has callers.";
            }
        }
    }

    internal void Configure(SocketsHttpHandler handler) => _configureHandler?.Invoke(handler);

    /// <summary>Compiles the options into a resolver, or lists all of their errors, each with its configuration key.</summary>
    internal bool TryCompile([NotNullWhen(true)] out UpstreamResolver? resolver, out List<string> errors)
    {
        var egress = new Lazy<IWebProxy?>(() => AddressRuleSelector.EgressProxyOf(this));
        UpstreamResolver.TryCreate(this, _added, () => egress.Value, out resolver, out errors);
        if (TimeoutRule.Check(ConnectTimeout, nameof(ConnectTimeout)) is { } error)
        {
            errors.Add(error);
        }

        errors.AddRange(IdleSettings());
        return resolver is not null && errors.Count == 0;
    }
}
