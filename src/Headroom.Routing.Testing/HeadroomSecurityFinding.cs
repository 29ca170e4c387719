namespace Headroom.Routing.Testing;

/// <summary>Something that must not happen, and the request that made it happen.</summary>
/// <param name="Endpoint">The pattern of the endpoint.</param>
/// <param name="Request">The request, for a person to send again.</param>
/// <param name="Outcome">What happened.</param>
public sealed record HeadroomSecurityFinding(string Endpoint, string Request, string Outcome)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Endpoint}: {Request}: {Outcome}";
}
