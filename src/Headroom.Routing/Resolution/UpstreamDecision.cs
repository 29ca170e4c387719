using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.Resolution;

namespace Headroom.Routing;

/// <summary>What <see cref="UpstreamResolver"/> decided about a request: where it goes or why it goes nowhere, and what told so. Immutable.</summary>
[DebuggerDisplay("{Source} {Target} {Refusal}")]
public sealed class UpstreamDecision
{
    internal UpstreamDecision(UpstreamTarget? target, Refusal? refusal)
    {
        Target = target;
        Refusal = refusal;
    }

    /// <summary>Where the request goes; <see langword="null"/> if it goes nowhere.</summary>
    public UpstreamTarget? Target { get; }

    /// <summary>Why the request goes nowhere; <see langword="null"/> if it goes to the <see cref="Target"/>.</summary>
    public Refusal? Refusal { get; }

    /// <summary>The provider whose API is called; <see langword="null"/> if neither path nor credentials tell it.</summary>
    public Provider? Provider { get; internal init; }

    /// <summary>What told the <see cref="Provider"/>.</summary>
    public ProviderSource ProviderSource { get; internal init; }

    /// <summary>What told the upstream.</summary>
    public UpstreamSource Source { get; internal init; }

    /// <summary>How path and base URL were joined.</summary>
    public JoinRule JoinRule { get; internal init; }

    /// <summary>The shape in which the sender expects errors.</summary>
    public Dialect Dialect => Provider?.Dialect ?? Dialect.Any;

    /// <summary>Whether the request is for this library at all. If it is not, it is left to the app.</summary>
    internal Ownership Ownership { get; init; }

    /// <summary>The same decision after the caller was judged too.</summary>
    internal UpstreamDecision With(UpstreamTarget? target, Refusal? refusal) => new(target, refusal)
    {
        Provider = Provider,
        ProviderSource = ProviderSource,
        Source = Source,
        JoinRule = JoinRule,
        Ownership = Ownership,
    };

    /// <summary>Tells the two outcomes apart.</summary>
    /// <param name="target">Where the request goes, if it goes anywhere.</param>
    /// <param name="refusal">Why it goes nowhere, if it does.</param>
    /// <returns>Whether the request may be sent.</returns>
    public bool IsTarget([NotNullWhen(true)] out UpstreamTarget? target, [NotNullWhen(false)] out Refusal? refusal)
    {
        target = Target;
        refusal = Refusal;
        return target is not null;
    }
}
