namespace Headroom.Routing.Connections;

/// <summary>
/// A connection that had served requests before was closed by the upstream before any byte of this request reached it: sending the
/// request again can't do anything twice.
/// </summary>
internal sealed class RequestNotReceivedException(Exception? inner)
    : IOException("The upstream closed the connection before it received any of the request.", inner);
