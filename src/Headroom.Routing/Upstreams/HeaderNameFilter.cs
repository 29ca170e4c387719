namespace Headroom.Routing.Upstreams;

/// <summary>
/// Tells by the length and two letters of a header's name that it is none of a set, which is true of most headers. What passes must be looked up.
/// </summary>
internal sealed class HeaderNameFilter
{
    // Many names begin with "X-".
    private const int Third = 2;

    private readonly (uint First, uint Third)[] _lettersByLength;

    /// <param name="names">The names in the set.</param>
    /// <param name="prefixes">What other names in the set begin with.</param>
    internal HeaderNameFilter(IEnumerable<string> names, IEnumerable<string> prefixes)
    {
        // The last entry stands for all greater lengths.
        _lettersByLength = new (uint, uint)[names.Concat(prefixes).Max(name => name.Length) + 2];
        foreach (var name in names)
        {
            Add(name, name.Length);
        }

        foreach (var prefix in prefixes)
        {
            for (var length = prefix.Length; length < _lettersByLength.Length; length++)
            {
                Add(prefix, length);
            }
        }
    }

    /// <summary>Whether a name may be in the set, in whatever case it is written.</summary>
    internal bool MayContain(string name)
    {
        var letters = _lettersByLength[Math.Min(name.Length, _lettersByLength.Length - 1)];
        return (letters.First & LetterOf(name, 0)) != 0 && (letters.Third & LetterOf(name, Third)) != 0;
    }

    private void Add(string name, int length)
    {
        _lettersByLength[length].First |= LetterOf(name, 0);
        _lettersByLength[length].Third |= LetterOf(name, Third);
    }

    // A name that ends before it, and a prefix that does, may have any.
    private static uint LetterOf(string name, int at) => at < name.Length ? 1U << (name[at] & 0x1f) : uint.MaxValue;
}
