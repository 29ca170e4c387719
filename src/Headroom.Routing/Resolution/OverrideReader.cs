using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.Policy;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Resolution;

/// <summary>Reads which upstream a caller asks for, by URL or by name.</summary>
internal sealed class OverrideReader
{
    private const int KeptOverrides = 1024;

    private readonly BoundedCache<ChosenUpstream> _overrides = new(KeptOverrides);
    private readonly FrozenDictionary<string, ChosenUpstream> _named;
    private readonly UpstreamPolicy _policy;

    /// <param name="named">The operator's named upstreams.</param>
    /// <param name="allowCatalog">Whether the catalog's names count too; the operator's go first.</param>
    /// <param name="policy">Judges URLs and the catalog.</param>
    internal OverrideReader(IReadOnlyDictionary<string, UpstreamOverride> named, bool allowCatalog, UpstreamPolicy policy)
    {
        var candidates = new Dictionary<string, ChosenUpstream>(StringComparer.OrdinalIgnoreCase);
        if (allowCatalog)
        {
            foreach (var (name, upstream) in UpstreamCatalog.ByName)
            {
                candidates[name] = new ChosenUpstream(upstream, UpstreamChoice.Named, policy.GrantFor(upstream));
            }
        }

        foreach (var (name, upstream) in named)
        {
            candidates[name] = ChosenUpstream.OfOperator(upstream, UpstreamChoice.Named);
        }

        _named = candidates.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _policy = policy;
    }

    /// <summary>Whether a request names an upstream in a header, rightly or not.</summary>
    internal static bool IsPresent(IDictionary<string, StringValues> headers) => TryGetHeader(headers, out _);

    /// <summary>Reads the headers.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="candidate">The upstream that is asked for; <see langword="null"/> where none is.</param>
    /// <param name="refusal">What is wrong with the header.</param>
    internal bool TryRead(IDictionary<string, StringValues> headers, out ChosenUpstream? candidate, [NotNullWhen(false)] out Refusal? refusal)
    {
        candidate = null;
        refusal = null;
        if (!TryGetHeader(headers, out var values))
        {
            return true;
        }

        if (values.Count > 1)
        {
            refusal = Repeated;
            return false;
        }

        var value = values.ToString();
        candidate = _overrides.Find(value);
        return candidate is not null || TryParse(value, out candidate, out refusal);
    }

    /// <summary>Looks a name up, as it stands in the path.</summary>
    internal bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out ChosenUpstream? candidate, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = _named.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out candidate) ? null : UnknownName;
        return refusal is null;
    }

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

    private bool TryParse(string value, [NotNullWhen(true)] out ChosenUpstream? candidate, [NotNullWhen(false)] out Refusal? refusal)
    {
        // Some names of the catalog start with a digit, so that not every name has the form of one.
        var name = value.AsSpan().Trim();
        if (TryFind(name, out candidate, out refusal))
        {
            return true;
        }

        if (IsName(name))
        {
            return false;
        }

        if (!UpstreamOverride.TryParse(value, out var upstream, out refusal))
        {
            candidate = null;
            return false;
        }

        candidate = new ChosenUpstream(upstream, UpstreamChoice.Override, _policy.GrantFor(upstream));
        _overrides.Keep(value, candidate);
        return true;
    }

    private static bool TryGetHeader(IDictionary<string, StringValues> headers, out StringValues values) =>
        (headers.TryGetValue(HeadroomHeaders.Upstream, out values) && !IsBlank(values))
        || (headers.TryGetValue(HeadroomHeaders.BaseUrl, out values) && !IsBlank(values));

    private static bool IsBlank(StringValues values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                return false;
            }
        }

        return true;
    }

    private static readonly Refusal Repeated = Refusal.Invalid("The upstream is given more than once; send one X-Headroom-Upstream header.");

    private static readonly Refusal UnknownName = Refusal.Invalid(
        "There is no upstream of that name. Names are those of Headroom:Upstreams and of the catalog; a URL is written in full, starting with https://.");
}
