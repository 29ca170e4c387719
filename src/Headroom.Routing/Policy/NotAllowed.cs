namespace Headroom.Routing.Policy;

/// <summary>The refusal for whatever the policy or the address rules do not let a caller reach.</summary>
internal static class NotAllowed
{
    /// <summary>The same text for every cause, so that the answer does not reveal hosts, ports or addresses.</summary>
    internal const string Message = What + " The configuration can list it in Headroom:AllowedUpstreams or name it in Headroom:Upstreams.";

    /// <summary>The text for the callers of a gateway, who can't see its configuration.</summary>
    internal const string GatewayMessage = What + " The operator of this gateway can list it in Headroom:AllowedUpstreams or name it in Headroom:Upstreams.";

    private const string What = "The upstream is not allowed, or does not resolve to a public address.";

    /// <param name="cause">The cause, for the log alone.</param>
    internal static Refusal Because(string cause) => new(RefusalReason.UpstreamNotAllowed, Message, cause);
}
