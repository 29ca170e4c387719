using System.Collections.Frozen;
using System.Net.Http.Headers;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Providers;

/// <summary>Reads in one walk what the headers of a request say about where it goes. Names compare without regard to case, whatever the dictionary's comparer.</summary>
internal sealed class RequestHeaderReader
{
    /// <summary>How many different credentials can be told apart: a bit each.</summary>
    internal const int MaxCredentials = 64;

    // Every header that starts like this is meant to name the upstream.
    private const string MisspelledPrefix = "x-headroom-up";

    private readonly FrozenDictionary<string, Header> _headers;
    private readonly HeaderNameFilter _filter;
    private readonly Dictionary<(string Header, string ValuePrefix), ulong> _bits;

    /// <param name="credentials">All credentials that routes and providers ask for, each with whether it holds a key.</param>
    internal RequestHeaderReader(IEnumerable<(ProviderCredential Credential, bool IsKey)> credentials)
    {
        var headers = new Dictionary<string, Header>(StringComparer.OrdinalIgnoreCase)
        {
            [HeadroomHeaders.Upstream] = new(Slot.Upstream),
            [HeadroomHeaders.BaseUrl] = new(Slot.BaseUrl),
            [HeadroomHeaders.OriginalPath] = new(Slot.OriginalPath),
            [SubscriptionLogin.AuthorizationHeader] = new(Slot.Authorization),
            [SubscriptionLogin.AccountHeader] = new(Slot.AccountId),
            [Anthropic.VersionHeader] = new(Slot.AnthropicVersion),
        };
        _bits = [];
        foreach (var (credential, isKey) in credentials)
        {
            var id = Id(credential);
            if (!_bits.TryGetValue(id, out var bit))
            {
                _bits[id] = bit = 1UL << _bits.Count;
            }

            if (!headers.TryGetValue(credential.Header, out var header))
            {
                headers[credential.Header] = header = new Header(Slot.None);
            }

            header.Marks.Add(new Mark(credential.ValuePrefix, bit, isKey));
        }

        _headers = headers.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _filter = new HeaderNameFilter(headers.Keys, [MisspelledPrefix]);
    }

    /// <summary>How many different credentials there are.</summary>
    internal static int Count(IEnumerable<ProviderCredential> credentials) => credentials.DistinctBy(Id).Count();

    /// <summary>The bit of a credential; 0 for none.</summary>
    internal ulong BitOf(ProviderCredential? credential) => credential is null ? 0 : _bits[Id(credential)];

    internal RequestHeaders Read(IDictionary<string, StringValues> headers)
    {
        var read = default(RequestHeaders);
        using var copy = new HeaderCopy(headers);
        foreach (var (name, values) in copy.Pairs)
        {
            if (Find(name, ref read) is { } header)
            {
                header.Read(values, ref read);
            }
        }

        return read;
    }

    internal RequestHeaders Read(HttpHeadersNonValidated headers, HttpHeadersNonValidated? contentHeaders)
    {
        var read = default(RequestHeaders);
        Read(headers, ref read);
        if (contentHeaders is { } content)
        {
            Read(content, ref read);
        }

        return read;
    }

    private void Read(HttpHeadersNonValidated headers, ref RequestHeaders read)
    {
        foreach (var (name, values) in headers)
        {
            if (Find(name, ref read) is { } header)
            {
                header.Read(values.Count == 1 ? values.ToString() : values.ToArray(), ref read);
            }
        }
    }

    private Header? Find(string name, ref RequestHeaders read)
    {
        if (!_filter.MayContain(name))
        {
            return null;
        }

        if (_headers.TryGetValue(name, out var header))
        {
            return header;
        }

        if (name.StartsWith(MisspelledPrefix, StringComparison.OrdinalIgnoreCase))
        {
            read.MisspelledOverride ??= name;
        }

        return null;
    }

    private static (string Header, string ValuePrefix) Id(ProviderCredential credential) =>
        (credential.Header.ToUpperInvariant(), credential.ValuePrefix?.ToUpperInvariant() ?? "");

    private enum Slot
    {
        None,
        Upstream,
        BaseUrl,
        OriginalPath,
        Authorization,
        AccountId,
        AnthropicVersion,
    }

    private readonly record struct Mark(string? ValuePrefix, ulong Bit, bool IsKey);

    private sealed class Header(Slot slot)
    {
        internal List<Mark> Marks { get; } = [];

        internal void Read(StringValues values, ref RequestHeaders read)
        {
            switch (slot)
            {
                case Slot.Upstream:
                    read.Upstream = StringValues.Concat(read.Upstream, values);
                    break;
                case Slot.BaseUrl:
                    read.BaseUrl = StringValues.Concat(read.BaseUrl, values);
                    break;
                case Slot.OriginalPath:
                    read.OriginalPath = StringValues.Concat(read.OriginalPath, values);
                    break;
                case Slot.Authorization:
                    read.Authorization = StringValues.Concat(read.Authorization, values);
                    read.HasKey |= BearerToken.IsOpaque(values);
                    break;
                case Slot.AccountId:
                    read.AccountId = StringValues.Concat(read.AccountId, values);
                    break;
                case Slot.AnthropicVersion:
                    read.HasAnthropicVersion = true;
                    break;
            }

            foreach (var mark in Marks)
            {
                if (IsPresent(mark.ValuePrefix, values))
                {
                    read.Credentials |= mark.Bit;
                    read.HasKey |= mark.IsKey;
                }
            }
        }

        private static bool IsPresent(string? prefix, StringValues values)
        {
            foreach (var value in values)
            {
                if (prefix is null ? !string.IsNullOrWhiteSpace(value) : value is not null && value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
