namespace Headroom.Routing;

/// <summary>The upstream that an outgoing request names was refused; nothing was sent.</summary>
/// <remarks>
/// It fails like any request that can't be sent, so that callers who handle <see cref="HttpRequestException"/> handle it too. A retry does not help:
/// the same request is refused again.
/// </remarks>
public sealed class UpstreamRefusedException : HttpRequestException
{
    internal UpstreamRefusedException(Refusal refusal)
        : base(refusal.Message) => Refusal = refusal;

    /// <summary>The reason for the refusal.</summary>
    public Refusal Refusal { get; }
}
