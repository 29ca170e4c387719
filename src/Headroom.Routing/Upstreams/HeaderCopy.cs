using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Upstreams;

/// <summary>
/// The headers of a request, copied in one go. To walk them in place takes an enumerator, and two calls through an interface for each of them.
/// </summary>
internal readonly ref struct HeaderCopy : IDisposable
{
    private readonly KeyValuePair<string, StringValues>[] _pairs;
    private readonly int _count;

    internal HeaderCopy(IDictionary<string, StringValues> headers)
    {
        _count = headers.Count;
        _pairs = ArrayPool<KeyValuePair<string, StringValues>>.Shared.Rent(_count);
        headers.CopyTo(_pairs, 0);
    }

    internal ReadOnlySpan<KeyValuePair<string, StringValues>> Pairs => _pairs.AsSpan(0, _count);

    public void Dispose()
    {
        // They hold keys.
        _pairs.AsSpan(0, _count).Clear();
        ArrayPool<KeyValuePair<string, StringValues>>.Shared.Return(_pairs);
    }
}
