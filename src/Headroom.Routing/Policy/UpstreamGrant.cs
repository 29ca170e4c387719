using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Policy;

/// <summary>What the policy says of one origin: below which paths it may be reached, and by which address rule. Immutable, so that it can be kept.</summary>
internal sealed class UpstreamGrant
{
    private readonly string[] _operatorPaths;
    private readonly string[] _publicPaths;
    private readonly Refusal? _notPublic;

    /// <param name="operatorPaths">The paths that the operator opened by naming the origin.</param>
    /// <param name="publicPaths">The paths that a wildcard or the catalog opens.</param>
    /// <param name="notPublic">Why the origin can't be a public one, if it can't.</param>
    internal UpstreamGrant(string[] operatorPaths, string[] publicPaths, Refusal? notPublic)
    {
        _operatorPaths = operatorPaths;
        _publicPaths = publicPaths;
        _notPublic = notPublic;
    }

    /// <summary>For an upstream that the operator named: by its own address rule, at or below a path.</summary>
    internal static UpstreamGrant Operator(string path) => new([path], [], null);

    /// <summary>Decides where the request would end, not what the caller wrote: the path is the joined one.</summary>
    internal bool Allows(ReadOnlySpan<char> path, out UpstreamTrust trust, [NotNullWhen(false)] out Refusal? refusal)
    {
        // The most exact entry decides: a literal host before a wildcard.
        if (IsCovered(path, _operatorPaths))
        {
            trust = UpstreamTrust.Operator;
            refusal = null;
            return true;
        }

        trust = UpstreamTrust.Public;
        refusal = IsCovered(path, _publicPaths) ? _notPublic : NotListed;
        return refusal is null;
    }

    private static readonly Refusal NotListed = Refusal.NotAllowed("no entry of the allow-list covers it");

    private static bool IsCovered(ReadOnlySpan<char> path, string[] allowed)
    {
        foreach (var prefix in allowed)
        {
            if (UpstreamJoin.IsAtOrBelow(path, prefix))
            {
                return true;
            }
        }

        return false;
    }
}
