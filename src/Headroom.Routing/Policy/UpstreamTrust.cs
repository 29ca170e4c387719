namespace Headroom.Routing;

/// <summary>Which addresses a destination may have, depending on who named it. The default is the strict rule.</summary>
public enum UpstreamTrust
{
    /// <summary>A destination that the caller chose: every address it resolves to must be public.</summary>
    Public,

    /// <summary>
    /// An address that the operator named: it may be internal, but not link-local or a metadata service, unless the
    /// operator wrote that very address.
    /// </summary>
    Operator,
}
