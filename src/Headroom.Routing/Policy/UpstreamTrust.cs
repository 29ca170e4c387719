namespace Headroom.Routing;

/// <summary>Who named a destination, and so which addresses it may reach. The default is the strict one.</summary>
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
