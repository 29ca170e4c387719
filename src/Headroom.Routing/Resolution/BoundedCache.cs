using System.Collections.Concurrent;

namespace Headroom.Routing.Resolution;

/// <summary>Keeps what was made for a key, up to a number of keys; then it starts afresh, so that callers who vary the key can't fill the memory.</summary>
internal sealed class BoundedCache<TValue>(int capacity)
    where TValue : class
{
    private readonly ConcurrentDictionary<string, TValue> _values = new(StringComparer.Ordinal);
    private int _count;

    internal TValue? Find(string key) => _values.GetValueOrDefault(key);

    internal void Keep(string key, TValue value)
    {
        if (Interlocked.Increment(ref _count) > capacity)
        {
            _values.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        _values[key] = value;
    }
}
