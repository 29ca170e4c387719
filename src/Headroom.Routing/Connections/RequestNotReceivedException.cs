namespace Headroom.Routing.Connections;

/// <summary>
/// The upstream closed a connection that had served requests before, and received no byte of this request. Sending the request again can't do
/// anything twice.
/// </summary>
internal sealed class RequestNotReceivedException(Exception? inner)
    : IOException("The upstream closed the connection before it received any of the request.", inner);
