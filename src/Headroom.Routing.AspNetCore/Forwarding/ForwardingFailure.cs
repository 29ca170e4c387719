using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>How the forwarding of a request failed.</summary>
/// <param name="Error">Where, in the words of YARP's forwarder, whether it says them or ours; None where it refused the request itself.</param>
/// <param name="Exception">What failed.</param>
/// <param name="IsClientGone">Whether the client had left by then. Afterwards that can't be told any more, because an answer that broke off is aborted.</param>
internal sealed record ForwardingFailure(ForwarderError Error, Exception? Exception, bool IsClientGone);
