using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>How the forwarding of a request ended.</summary>
/// <param name="Error">Where it failed, if it did. It is the same word whether YARP's forwarder says it or ours.</param>
/// <param name="Exception">What failed.</param>
/// <param name="Answer">What the upstream answered, if it did. Its body is spent.</param>
/// <param name="IsAnswered">
/// Whether the answer was passed on to its end. What fails after that is the rest of an upload that the upstream did not wait for.
/// </param>
internal readonly record struct ForwardingResult(ForwarderError Error, Exception? Exception, HttpResponseMessage? Answer, bool IsAnswered);
