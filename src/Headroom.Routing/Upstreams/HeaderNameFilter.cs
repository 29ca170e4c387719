namespace Headroom.Routing.Upstreams;

/// <summary>
/// Tells by the length and the first letter of a header's name that it is none of a set, which is true of most headers. What passes must be looked up.
/// </summary>
internal sealed class HeaderNameFilter
{
    private readonly uint[] _lettersByLength;

    /// <param name="names">The names in the set.</param>
    /// <param name="prefixes">What other names in the set begin with.</param>
    internal HeaderNameFilter(IEnumerable<string> names, IEnumerable<string> prefixes)
    {
        // The last entry stands for all greater lengths.
        _lettersByLength = new uint[names.Concat(prefixes).Max(name => name.Length) + 2];
        foreach (var name in names)
        {
            _lettersByLength[name.Length] |= LetterOf(name);
        }

        foreach (var prefix in prefixes)
        {
            for (var length = prefix.Length; length < _lettersByLength.Length; length++)
            {
                _lettersByLength[length] |= LetterOf(prefix);
            }
        }
    }

    /// <summary>Whether a name may be in the set, in whatever case it is written.</summary>
    internal bool MayContain(string name) =>
        (_lettersByLength[Math.Min(name.Length, _lettersByLength.Length - 1)] & LetterOf(name)) != 0;

    private static uint LetterOf(string name) => name.Length == 0 ? uint.MaxValue : 1U << (name[0] & 0x1f);
}
