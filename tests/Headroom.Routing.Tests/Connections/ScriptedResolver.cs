using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.Tests.Connections;

/// <summary>Answers the first lookup with the first answer, and so on.</summary>
internal sealed class ScriptedResolver(params Task<IPAddress[]>[] answers) : IHostResolver
{
    public ScriptedResolver(params string[] addresses)
        : this(Answer(addresses))
    {
    }

    public List<string> Lookups { get; } = [];

    public static Task<IPAddress[]> Answer(params string[] addresses) =>
        Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse));

    public static Task<IPAddress[]> Failure(SocketError error) =>
        Task.FromException<IPAddress[]>(new SocketException((int)error));

    public static Task<IPAddress[]> Never() => new TaskCompletionSource<IPAddress[]>().Task;

    public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Lookups.Add(host);
        return new(answers[Lookups.Count - 1]);
    }
}
