namespace Headroom.Routing.Policy;

/// <summary>The refusal for whatever the policy or the address rules do not let a caller reach.</summary>
internal static class NotAllowed
{
    /// <summary>The same text for every cause, so that the answer does not reveal hosts, ports or addresses.</summary>
    internal const string Message =
        "The upstream is not allowed, or does not resolve to a public address. The operator of this gateway can list it in Headroom:AllowedUpstreams or name it in Headroom:Upstreams.";

    /// <param name="cause">The cause, for the log alone.</param>
    internal static Refusal Because(string cause) => new(RefusalReason.UpstreamNotAllowed, Message, cause);
}
