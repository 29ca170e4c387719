using System.Diagnostics;

namespace Headroom.Routing;

/// <summary>A step that <see cref="UpstreamResolver"/> took towards its decision.</summary>
[DebuggerDisplay("{Name}: {Result}")]
public sealed class ResolutionStep
{
    internal ResolutionStep(string name, string result)
    {
        Name = name;
        Result = result;
    }

    /// <summary>
    /// A stable word for programs: <c>login</c>, <c>path</c>, <c>mount</c>, <c>provider</c>, <c>upstream</c>, <c>join</c> or <c>policy</c>. A gateway adds
    /// steps of its own.
    /// </summary>
    public string Name { get; }

    /// <summary>
    /// A sentence for the person: what the step found. It may hold the request's path and the URL of an upstream, but no value of the query and no credential.
    /// </summary>
    public string Result { get; }
}
