using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Answers for names as a test says, so that no test asks a real server.</summary>
internal sealed class FakeResolver(Func<string, Task<IPAddress[]>> answer) : IHostResolver
{
    public static FakeResolver NotFound { get; } = new(_ => throw new SocketException((int)SocketError.HostNotFound));

    public static FakeResolver Never { get; } = new(_ => new TaskCompletionSource<IPAddress[]>().Task);

    public static FakeResolver Loopback { get; } = new(_ => Task.FromResult(new[] { IPAddress.Loopback }));

    public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => new(answer(host));
}
