namespace Headroom.Routing.Testing;

/// <summary>Something that must not happen but did, and the request that caused it.</summary>
/// <param name="Endpoint">The pattern of the endpoint.</param>
/// <param name="Request">The request, in a form that a person can send again.</param>
/// <param name="Outcome">What happened.</param>
public sealed record HeadroomSecurityFinding(string Endpoint, string Request, string Outcome)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Endpoint}: {Request}: {Outcome}";
}
