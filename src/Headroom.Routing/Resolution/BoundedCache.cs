using System.Collections.Concurrent;

namespace Headroom.Routing.Resolution;

/// <summary>A cache with a limited number of keys. It starts afresh when it is full, so callers who vary the key can't fill the memory.</summary>
internal sealed class BoundedCache<TValue>
    where TValue : class
{
    private readonly ConcurrentDictionary<string, TValue> _values = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TValue>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly int _capacity;
    private int _count;

    /// <param name="capacity">How many keys are kept at most.</param>
    internal BoundedCache(int capacity)
    {
        _capacity = capacity;
        _lookup = _values.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    internal TValue? Find(ReadOnlySpan<char> key) => _lookup.TryGetValue(key, out var value) ? value : null;

    internal void Keep(string key, TValue value)
    {
        if (Interlocked.Increment(ref _count) > _capacity)
        {
            _values.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        _values[key] = value;
    }
}
