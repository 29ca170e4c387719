using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Headroom.Routing;

/// <summary>The operator's settings of one upstream. Where its address is all there is to say, a string will do.</summary>
[DebuggerDisplay("{BaseAddress}")]
public class UpstreamOptions
{
    /// <summary>The base URL.</summary>
    public string? BaseAddress { get; set; }

    /// <summary>
    /// Headers that hold the operator's key, by name, such as <c>api-key</c> or <c>Authorization</c>. They are set on requests that go to
    /// <see cref="BaseAddress"/> or below it, in place of every credential of the caller, unless the caller spelled the upstream as a URL.
    /// </summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The authorization policies whose callers may use <see cref="Headers"/>; one of them is enough. Other callers are refused. If it is empty,
    /// all callers may.
    /// </summary>
    public IList<string> AllowCallers { get; } = [];

    /// <summary>Creates settings that hold an address only.</summary>
    /// <param name="baseAddress">The base URL.</param>
    public static implicit operator UpstreamOptions(string? baseAddress) => new() { BaseAddress = baseAddress };
}
