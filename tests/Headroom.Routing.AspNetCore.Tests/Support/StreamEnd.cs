namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>How a body or a connection came to its end.</summary>
internal enum StreamEnd
{
    /// <summary>A body: complete by its own framing. A connection: the peer finished sending.</summary>
    Clean,

    /// <summary>The peer finished sending before the body was complete.</summary>
    Truncated,

    /// <summary>The peer reset the connection.</summary>
    Reset,
}
