namespace Headroom.Routing;

/// <summary>A decision and how it came about. <see cref="UpstreamResolver.Explain"/> makes it.</summary>
public sealed class UpstreamExplanation
{
    internal UpstreamExplanation(UpstreamDecision decision, IReadOnlyList<ResolutionStep> steps)
    {
        Decision = decision;
        Steps = steps;
    }

    /// <summary>What was decided.</summary>
    public UpstreamDecision Decision { get; }

    /// <summary>The steps in the order in which they were taken. The first that refuses the request is the last.</summary>
    public IReadOnlyList<ResolutionStep> Steps { get; }
}
