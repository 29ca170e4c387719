namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>Why the answer to a forwarded request did not reach its client.</summary>
/// <param name="Slug">The proxy's word for the error, as in <c>X-Headroom-Error</c>.</param>
/// <param name="Kind">A narrower word for it, for metrics.</param>
/// <param name="Cause">The cause, for the log.</param>
/// <param name="Exception">What was thrown.</param>
internal sealed record RequestFailure(string Slug, string Kind, string Cause, Exception? Exception)
{
    /// <summary>Whether the upstream is at fault, or the way to it.</summary>
    internal bool IsOfUpstream { get; init; }

    /// <summary>Whether the policy refused it after a name was resolved.</summary>
    internal bool IsRefusal { get; init; }

    /// <summary>Whether the app's own code failed.</summary>
    internal bool IsOfApp { get; init; }
}
