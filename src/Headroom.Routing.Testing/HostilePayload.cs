namespace Headroom.Routing.Testing;

/// <summary>A value of <c>X-Headroom-Upstream</c> that must lead nowhere.</summary>
/// <param name="Class">What it tries, in a word or two.</param>
/// <param name="Value">The header's value; it may hold characters outside ASCII, which go out as UTF-8.</param>
/// <param name="IsMalformed">
/// Whether no gateway may accept it, whatever its allow-list says (400). The other values are well-formed and are refused by the policy or the address
/// rules (403).
/// </param>
public sealed record HostilePayload(string Class, string Value, bool IsMalformed)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Class}: {(Value.Length > 100 ? Value[..100] + "..." : Value)}";
}
