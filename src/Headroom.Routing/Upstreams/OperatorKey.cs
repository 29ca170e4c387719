using System.Collections.Frozen;
using System.Diagnostics;

namespace Headroom.Routing.Upstreams;

/// <summary>A key of the operator's: the headers that hold it, and those of the caller that it replaces, so that no request carries both.</summary>
internal sealed class OperatorKey
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly KeyValuePair<string, string>[] _headers;

    private readonly FrozenSet<string> _replaced;

    /// <param name="headers">The headers; their names and values can be sent.</param>
    /// <param name="callerCredentials">The headers that may hold a credential of the caller's.</param>
    /// <param name="allowCallers">The policies whose callers may use it; empty for all callers.</param>
    internal OperatorKey(IEnumerable<KeyValuePair<string, string>> headers, IEnumerable<string> callerCredentials, IEnumerable<string> allowCallers)
    {
        _headers = [.. headers];
        _replaced = _headers.Select(header => header.Key).Concat(callerCredentials).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        AllowCallers = [.. allowCallers];
    }

    internal IReadOnlyList<string> AllowCallers { get; }

    /// <summary>Whether a header of the caller's must not go where the key goes.</summary>
    internal bool Replaces(string header) => _replaced.Contains(header);

    /// <summary>Puts the key onto a request.</summary>
    internal void SetOn(HttpRequestMessage request)
    {
        foreach (var name in _replaced)
        {
            request.Headers.Remove(name);
        }

        foreach (var (name, value) in _headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Takes the key off a request that was sent, because the app's handlers still hold it.</summary>
    internal void RemoveFrom(HttpRequestMessage request)
    {
        foreach (var (name, _) in _headers)
        {
            request.Headers.Remove(name);
        }
    }
}
