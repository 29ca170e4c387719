using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>How the forwarding of a request failed.</summary>
/// <param name="Error">Where, in the words of YARP's forwarder, whether it says them or ours; None where it refused the request itself.</param>
/// <param name="Exception">What failed.</param>
internal sealed record ForwardingFailure(ForwarderError Error, Exception? Exception);
