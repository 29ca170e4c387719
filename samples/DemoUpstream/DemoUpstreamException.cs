namespace Headroom.DemoUpstream;

/// <summary>The demo upstream could not start; the message names its address.</summary>
public sealed class DemoUpstreamException(string message, Exception? cause = null) : Exception(message, cause);
