using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.Resolution;

/// <summary>A cache with a limited number of keys. It starts afresh when it is full, so callers who vary the key can't fill the memory.</summary>
/// <param name="capacity">How many keys are kept at most.</param>
internal sealed class BoundedCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _values = new();
    private int _count;

    internal bool TryFind(TKey key, [MaybeNullWhen(false)] out TValue value) => _values.TryGetValue(key, out value);

    internal void Keep(TKey key, TValue value)
    {
        if (Interlocked.Increment(ref _count) > capacity)
        {
            _values.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        _values[key] = value;
    }
}
