using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.Tests.Shared;

/// <summary>Answers for names as a test says and remembers who was asked for, so that no test asks a real server.</summary>
internal sealed class FakeResolver(Func<string, CancellationToken, Task<IPAddress[]>> answer) : IHostResolver
{
    private readonly ConcurrentQueue<string> _lookups = new();

    /// <summary>Knows the names in <see cref="Names"/> and no other.</summary>
    public FakeResolver()
        : this((_, _) => NotFound)
    {
    }

    /// <summary>Gives every name the same addresses.</summary>
    public FakeResolver(params string[] addresses)
        : this((_, _) => Answer(addresses))
    {
    }

    public static Task<IPAddress[]> NotFound => Failure(SocketError.HostNotFound);

    /// <summary>An answer that does not come, also not when the one who waits for it gives up.</summary>
    public static Task<IPAddress[]> Never => new TaskCompletionSource<IPAddress[]>().Task;

    /// <summary>The addresses of single names, whatever the others get.</summary>
    public Dictionary<string, string[]> Names { get; } = [];

    /// <summary>Every name that was asked for, in order.</summary>
    public IReadOnlyCollection<string> Lookups => _lookups;

    /// <summary>Answers the first lookup with the first answer and so on, whatever the name; a lookup too many fails.</summary>
    public static FakeResolver InTurn(params Task<IPAddress[]>[] answers)
    {
        var remaining = new ConcurrentQueue<Task<IPAddress[]>>(answers);
        return new FakeResolver((host, _) => remaining.TryDequeue(out var next) ? next : throw new InvalidOperationException($"{host} was asked for once too often."));
    }

    public static Task<IPAddress[]> Answer(params string[] addresses) => Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse));

    public static Task<IPAddress[]> Failure(SocketError error) => Task.FromException<IPAddress[]>(new SocketException((int)error));

    public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        _lookups.Enqueue(host);
        return new(Names.TryGetValue(host, out var addresses) ? Answer(addresses) : answer(host, cancellationToken));
    }
}
