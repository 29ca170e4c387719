using System.Collections.Frozen;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>Reads which upstream a caller asks for, by URL or by name.</summary>
internal sealed class OverrideReader
{
    private const int KeptOverrides = 1024;

    private static readonly Refusal Repeated = Refusal.Invalid(
        $"The upstream is given more than once; send one {HeadroomHeaders.Upstream} header.");

    private const string Misspelled =
        $"A header looks like {HeadroomHeaders.Upstream} and is spelled differently; correct its name or leave it out.";

    private const string UnknownName =
        "There is no upstream of that name. Names are those of Headroom:Upstreams and of the catalog; a URL is written in full, starting with https://.";

    private readonly BoundedCache<string, ChosenUpstream> _overrides = new(KeptOverrides);
    private readonly FrozenDictionary<string, ChosenUpstream>.AlternateLookup<ReadOnlySpan<char>> _named;

    private readonly UpstreamNames _names;

    /// <param name="named">The operator's named upstreams.</param>
    /// <param name="keys">The operator's keys for them.</param>
    /// <param name="allowCatalog">Whether the catalog's names count too; the operator's go first.</param>
    /// <param name="names">Tells what the origin of a URL is called.</param>
    internal OverrideReader(
        IReadOnlyDictionary<string, UpstreamOverride> named, IReadOnlyDictionary<string, OperatorKey> keys, bool allowCatalog, UpstreamNames names)
    {
        _names = names;
        var chosen = new Dictionary<string, ChosenUpstream>(StringComparer.OrdinalIgnoreCase);
        if (allowCatalog)
        {
            // What an app does for an upstream of the operator's by its name, it does whichever name callers use.
            var own = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (name, upstream) in named)
            {
                own.TryAdd(upstream.Origin, name);
            }

            foreach (var (name, upstream) in UpstreamCatalog.ByName)
            {
                chosen[name] = new ChosenUpstream(upstream, UpstreamChoice.Named, own.GetValueOrDefault(upstream.Origin, name), isKnownHost: true);
            }
        }

        foreach (var (name, upstream) in named)
        {
            chosen[name] = ChosenUpstream.Named(name, upstream, keys.GetValueOrDefault(name));
        }

        _named = chosen.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads the headers.</summary>
    /// <param name="headers">What the request's headers say.</param>
    /// <param name="chosen">The upstream that is asked for; <see langword="null"/> where none is.</param>
    /// <returns>What is wrong with the header; <see langword="null"/> if nothing is.</returns>
    internal Refusal? Read(in RequestHeaders headers, out ChosenUpstream? chosen)
    {
        chosen = null;
        if (headers.MisspelledOverride is { } name)
        {
            return new Refusal(RefusalReason.InvalidUpstream, Misspelled, $"the header is called '{NameInLog.Of(name)}'");
        }

        var values = headers.Override;
        return values.Count switch
        {
            0 => null,
            1 => Read(values.ToString(), out chosen),
            _ => Repeated,
        };
    }

    /// <summary>Looks a name up, as it stands in the path.</summary>
    /// <returns>A refusal, if there is no upstream of the name.</returns>
    internal Refusal? Find(ReadOnlySpan<char> name, out ChosenUpstream? chosen) => _named.TryGetValue(name, out chosen)
        ? null
        : new Refusal(RefusalReason.InvalidUpstream, UnknownName, $"there is no upstream '{NameInLog.Of(name)}'");

    /// <summary>Whether a text has the form of an upstream's name: a letter, then letters, digits, dots, underscores and hyphens.</summary>
    internal static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private Refusal? Read(string value, out ChosenUpstream? chosen)
    {
        if (_overrides.TryFind(value, out chosen))
        {
            return null;
        }

        // Some names of the catalog start with a digit, so not every name has the form of one.
        var name = value.AsSpan().Trim();
        if (_named.TryGetValue(name, out chosen))
        {
            return null;
        }

        if (IsName(name))
        {
            return Find(name, out chosen);
        }

        if (UpstreamOverride.TryParse(value, out var upstream, out var refusal))
        {
            var known = _names.Find(upstream);
            chosen = new ChosenUpstream(upstream, UpstreamChoice.Override, known, isKnownHost: known is not null);
            _overrides.Keep(value, chosen);
        }

        return refusal;
    }
}
