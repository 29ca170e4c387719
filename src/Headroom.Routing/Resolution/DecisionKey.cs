using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>All that a decision depends on, for requests whose decision may be kept: none of it is a secret, and none of it is long.</summary>
internal readonly record struct DecisionKey
{
    private const int MaxLength = 512;

    private DecisionKey(string method, string path, string? upstream, in RequestHeaders headers, bool isLogin)
    {
        Method = method;
        Path = path;
        Upstream = upstream;
        Credentials = headers.Credentials;
        HasAnthropicVersion = headers.HasAnthropicVersion;
        IsMeantForProvider = headers.IsMeantForProvider;
        IsLogin = isLogin;
    }

    private string Method { get; }

    private string Path { get; }

    private string? Upstream { get; }

    private ulong Credentials { get; }

    private bool HasAnthropicVersion { get; }

    private bool IsMeantForProvider { get; }

    private bool IsLogin { get; }

    /// <summary>Whether the decision about a request may be kept. A query may hold a key; what is odd or refused is decided anew each time.</summary>
    internal static bool TryCreate(string method, string pathAndQuery, in RequestHeaders headers, bool isLogin, out DecisionKey key)
    {
        var upstream = headers.Override;
        key = new(method, pathAndQuery, upstream.Count == 1 ? upstream.ToString() : null, headers, isLogin);
        return upstream.Count <= 1
            && headers.MisspelledOverride is null
            && headers.OriginalPath.Count == 0
            && method.Length + pathAndQuery.Length + (key.Upstream?.Length ?? 0) <= MaxLength
            && !pathAndQuery.Contains('?', StringComparison.Ordinal);
    }
}
