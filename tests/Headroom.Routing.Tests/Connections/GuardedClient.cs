using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

/// <summary>Clients on the guarded handler, and what they fail with.</summary>
internal static class GuardedClient
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromSeconds(30); // only so that a defect fails instead of hanging the run

    public static HttpClient Create(UpstreamTrust trust, IHostResolver resolver, TimeSpan? connectTimeout = null) =>
        new(CreateHandler(trust, resolver, connectTimeout)) { Timeout = HangGuard };

    public static SocketsHttpHandler CreateHandler(UpstreamTrust trust, IHostResolver resolver, TimeSpan? connectTimeout = null)
    {
        var handler = UpstreamHandlerFactory.Create(trust, resolver, connectTimeout ?? UpstreamHandlerFactory.DefaultConnectTimeout);
        handler.UseProxy = false; // whatever proxy the environment of the test run names
        return handler;
    }

    public static async Task<BlockedAddressException> BlockedAsync(UpstreamTrust trust, IHostResolver resolver, Uri url)
    {
        using var client = Create(trust, resolver);
        return await BlockedAsync(client, url);
    }

    public static async Task<BlockedAddressException> BlockedAsync(HttpClient client, Uri url)
    {
        var failure = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => client.GetAsync(url));
        Assert.IsTrue(BlockedAddressException.TryFind(failure, out var blocked), failure.ToString());
        return blocked;
    }
}
