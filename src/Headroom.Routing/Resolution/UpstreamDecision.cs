using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.Resolution;

/// <summary>What was decided about a request: where it goes or why it goes nowhere, and in which dialect its sender expects errors.</summary>
internal readonly struct UpstreamDecision
{
    private UpstreamDecision(UpstreamTarget? target, Refusal? refusal, Ownership ownership, Dialect dialect)
    {
        Target = target;
        Refusal = refusal;
        Ownership = ownership;
        Dialect = dialect;
    }

    internal UpstreamTarget? Target { get; }

    internal Refusal? Refusal { get; }

    /// <summary>Whether the request is for this library at all. If it is not, it is left to the app.</summary>
    internal Ownership Ownership { get; }

    /// <summary>The shape in which the sender expects errors.</summary>
    internal Dialect Dialect { get; }

    internal static UpstreamDecision To(UpstreamTarget target, Ownership ownership, Dialect dialect) => new(target, null, ownership, dialect);

    internal static UpstreamDecision Refused(Refusal refusal, Ownership ownership, Dialect dialect) => new(null, refusal, ownership, dialect);

    internal bool IsTarget([NotNullWhen(true)] out UpstreamTarget? target, [NotNullWhen(false)] out Refusal? refusal)
    {
        target = Target;
        refusal = Refusal;
        return target is not null;
    }
}
