using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Handlers;

/// <summary>The upstream that an outgoing request names was refused; nothing was sent.</summary>
public sealed class UpstreamRefusedException : HttpRequestException
{
    internal UpstreamRefusedException(Refusal refusal)
        : base(refusal.Message) => Refusal = refusal;

    /// <summary>Why.</summary>
    public Refusal Refusal { get; }
}
