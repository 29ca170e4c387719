namespace Headroom.Routing;

/// <summary>Who chose the upstream of a request. Decides about secrets: a key that the host adds belongs to configured targets alone.</summary>
public enum UpstreamChoice
{
    /// <summary>The operator: no override was given, the provider's base counts.</summary>
    Configured,

    /// <summary>The caller, among the names that the operator or the catalog gave.</summary>
    Named,

    /// <summary>The caller, by a URL; also where it spells an upstream of the operator's own.</summary>
    Override,
}
