namespace Headroom.Routing.Handlers;

/// <summary>
/// A request that no key of the operator's belongs to. The type tells so, because a look at <see cref="HttpRequestMessage.Options"/> would allocate them.
/// </summary>
internal sealed class KeylessRequest(HttpMethod method, Uri uri) : HttpRequestMessage(method, uri);
