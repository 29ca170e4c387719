namespace Headroom.Routing;

/// <summary>The upstream that an outgoing request names was refused; nothing was sent.</summary>
/// <remarks>Not an <see cref="HttpRequestException"/>: those are retried, and the same request is refused again.</remarks>
public sealed class UpstreamRefusedException : InvalidOperationException
{
    internal UpstreamRefusedException(Refusal refusal)
        : base(refusal.Message) => Refusal = refusal;

    /// <summary>Why.</summary>
    public Refusal Refusal { get; }
}
