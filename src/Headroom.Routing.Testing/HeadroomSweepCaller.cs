namespace Headroom.Routing.Testing;

/// <summary>A caller of the gateway that <see cref="HeadroomSecuritySweep"/> tries, besides one who does not authenticate at all.</summary>
public sealed class HeadroomSweepCaller
{
    /// <summary>Describes a caller.</summary>
    /// <param name="name">What findings call it, such as <c>low</c> or <c>high</c>.</param>
    /// <param name="authenticate">Adds to a request what the caller authenticates to the gateway by. It is called for every request. None of it may reach an upstream.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or blank.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="authenticate"/> is null.</exception>
    public HeadroomSweepCaller(string name, Action<HttpRequestMessage> authenticate)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(authenticate);
        Name = name;
        Authenticate = authenticate;
    }

    /// <summary>What findings call it.</summary>
    public string Name { get; }

    /// <summary>
    /// Whether the gateway's policy lets this caller reach the sweep's listener (<see cref="HeadroomSecuritySweepOptions.ListenOn"/>, any port) by URL. Then the
    /// listener answers, and what arrives there is searched for what must not leave the gateway. Off by default: the caller must never reach it.
    /// </summary>
    public bool MayReachListener { get; init; }

    internal Action<HttpRequestMessage> Authenticate { get; }
}
