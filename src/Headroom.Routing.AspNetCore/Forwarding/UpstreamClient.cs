namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>What requests are sent with.</summary>
/// <param name="Invoker">The chain of handlers.</param>
/// <param name="HasForeignHandlers">Whether handlers that are not this library's are in the chain. They may read <see cref="HeadroomRequestOptions"/>.</param>
internal readonly record struct UpstreamClient(HttpMessageInvoker Invoker, bool HasForeignHandlers);
