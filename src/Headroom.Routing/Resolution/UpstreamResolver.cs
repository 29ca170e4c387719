using System.Diagnostics.CodeAnalysis;
using System.Net;
using Headroom.Routing.Providers;
using Headroom.Routing.Resolution;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing;

/// <summary>
/// The one place where it is decided where a request goes. Pure: it reads the request's line and headers and does no I/O.
/// Immutable and thread-safe; made anew when the options change.
/// </summary>
public sealed class UpstreamResolver
{
    private readonly ProviderRouteMap _routes;
    private readonly ProviderBases _bases;
    private readonly OverrideReader _overrides;
    private readonly MountPaths _mounts;

    internal UpstreamResolver(ProviderRouteMap routes, ProviderBases bases, OverrideReader overrides, MountPaths mounts)
    {
        _routes = routes;
        _bases = bases;
        _overrides = overrides;
        _mounts = mounts;
    }

    /// <summary>Compiles options into a resolver.</summary>
    /// <param name="options">Where requests may go.</param>
    /// <param name="providers">Providers besides the <see cref="KnownProviders"/>.</param>
    /// <param name="egressProxy">The proxy that outgoing requests go through; <see langword="null"/> if none.</param>
    /// <exception cref="ArgumentException">The options hold faults; the message lists all of them, each with its configuration key.</exception>
    public static UpstreamResolver Create(HeadroomOptions options, IEnumerable<Provider>? providers = null, IWebProxy? egressProxy = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ResolverCompiler.TryCompile(options, providers ?? [], egressProxy, out var resolver, out var faults)
            ? resolver
            : throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));
    }

    /// <summary>Decides where a request goes.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="target">The request's path and query as the client sent them, less the gateway's own prefix.</param>
    /// <param name="headers">The request's headers; names compare without regard to case.</param>
    /// <param name="result">Where it goes.</param>
    /// <param name="refusal">Why it goes nowhere.</param>
    public bool TryResolve(
        string method,
        string target,
        IDictionary<string, StringValues> headers,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(headers);

        result = null;
        var request = PathAndQuery.Split(target);
        refusal = request.Check();
        if (refusal is not null)
        {
            return false;
        }

        var mount = _mounts.Cut(ref request, out var name);
        if (SubscriptionLogin.IsLogin(headers))
        {
            return TryResolveLogin(request, mounted: mount != Mount.None, out result, out refusal);
        }

        return mount switch
        {
            Mount.Verbatim => TryResolveVerbatim(request, headers, out result, out refusal),
            Mount.Name => TryResolveName(method, name, request, headers, out result, out refusal),
            _ => TryResolveRoute(method, request, headers, out result, out refusal),
        };
    }

    /// <summary>Whether a request is for this library at all, so that a path which nobody owns can be left to the host.</summary>
    /// <inheritdoc cref="TryResolve"/>
    internal Ownership OwnershipOf(string method, string target, IDictionary<string, StringValues> headers)
    {
        var match = _routes.Find(method, PathAndQuery.Split(target).Path, headers);
        return match?.Route is not null ? Ownership.ByPath
            : match is not null || OverrideReader.IsPresent(headers) || SubscriptionLogin.IsLogin(headers) ? Ownership.ByHeaders
            : Ownership.None;
    }

    /// <summary>The dialect in which the sender of a request expects errors.</summary>
    /// <inheritdoc cref="TryResolve"/>
    internal Dialect DialectOf(string method, string target, IDictionary<string, StringValues> headers)
    {
        var request = PathAndQuery.Split(target);
        return request.Path.StartsWith('/') && _mounts.Cut(ref request, out _) == Mount.Verbatim
            ? Dialect.Any
            : _routes.Find(method, request.Path, headers)?.Provider.Dialect ?? Dialect.Any;
    }

    /// <summary>
    /// Decides where a request with a destination of its own goes: to the upstream in its header, or, with no upstream named
    /// (<paramref name="result"/> is <see langword="null"/>), where it was going.
    /// </summary>
    internal bool TryRedirect(
        string method,
        string target,
        IDictionary<string, StringValues> headers,
        out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        result = null;
        refusal = null;
        if (SubscriptionLogin.IsLogin(headers) || !OverrideReader.IsPresent(headers))
        {
            return true;
        }

        var request = PathAndQuery.Split(target);
        refusal = request.Check();
        return refusal is null && TryResolveRoute(method, request, headers, out result, out refusal);
    }

    private bool TryResolveRoute(
        string method,
        PathAndQuery request,
        IDictionary<string, StringValues> headers,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        result = null;
        if (!_overrides.TryRead(headers, out var candidate, out refusal))
        {
            return false;
        }

        var match = _routes.Find(method, request.Path, headers);
        if (candidate is null && !_bases.TryFind(match, request.Path, out candidate, out refusal))
        {
            return false;
        }

        return candidate.Choice != UpstreamChoice.Configured && TryGetOriginalPath(headers, out var original)
            ? TryResolveOriginalPath(candidate, match?.Provider, request, original, out result, out refusal)
            : TryResolveJoined(candidate, match, request, headers, out result, out refusal);
    }

    private static bool TryResolveJoined(
        ChosenUpstream candidate,
        RouteMatch? match,
        PathAndQuery request,
        IDictionary<string, StringValues> headers,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        var path = request.Path;
        if (match?.Route is { } route)
        {
            path = route.Shape(path);
        }

        var anthropic = UpstreamJoin.IsAtOrBelow(path, "/v1/messages") || path is "/v1/complete" || headers.ContainsKey(Anthropic.VersionHeader);
        var joined = UpstreamJoin.Split(candidate.Upstream, path, candidate.Choice == UpstreamChoice.Named, anthropic);
        return TargetBuilder.TryBuild(candidate, match?.Provider, joined.Base, joined.Path, request.Query, out result, out refusal);
    }

    // The original proxy's plugin: the header holds the origin, this one the path that the client meant there.
    private static bool TryResolveOriginalPath(
        ChosenUpstream candidate,
        Provider? provider,
        PathAndQuery request,
        StringValues original,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        result = null;
        var path = original.ToString();
        if (original.Count > 1 || path is not ['/', ..] || path is ['/', '/', ..] || PathRules.Check(path) is not null
            || !path.AsSpan().EndsWith(UpstreamJoin.SkipVersion(request.Path)))
        {
            refusal = BadOriginalPath;
            return false;
        }

        return TargetBuilder.TryBuild(candidate, provider, candidate.Upstream.Origin, path, request.Query, out result, out refusal);
    }

    private bool TryResolveVerbatim(
        PathAndQuery request,
        IDictionary<string, StringValues> headers,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        result = null;
        if (!_overrides.TryRead(headers, out var candidate, out refusal))
        {
            return false;
        }

        if (candidate is null)
        {
            refusal = MountWithoutOverride;
            return false;
        }

        return TargetBuilder.TryBuild(candidate, null, candidate.Upstream.Verbatim, request.Path, request.Query, out result, out refusal);
    }

    private bool TryResolveName(
        string method,
        string name,
        PathAndQuery request,
        IDictionary<string, StringValues> headers,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        result = null;
        if (OverrideReader.IsPresent(headers))
        {
            refusal = NameAndOverride;
            return false;
        }

        return _overrides.TryFind(name, out var candidate, out refusal)
            && TryResolveJoined(candidate, _routes.Find(method, request.Path, headers), request, headers, out result, out refusal);
    }

    private bool TryResolveLogin(
        PathAndQuery request,
        bool mounted,
        [NotNullWhen(true)] out UpstreamTarget? result,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        var login = _bases.Login;
        var (prefix, replaced) = ChatGpt.PathFor(request.Path, versionless: mounted);
        return TargetBuilder.TryBuild(
            login, ChatGpt.Provider, login.Upstream.Verbatim + prefix, request.Path[replaced..], request.Query, out result, out refusal);
    }

    private static bool TryGetOriginalPath(IDictionary<string, StringValues> headers, out StringValues path) =>
        headers.TryGetValue(HeadroomHeaders.OriginalPath, out path) && !StringValues.IsNullOrEmpty(path);

    private static readonly Refusal MountWithoutOverride = Refusal.Invalid(
        "This path needs an X-Headroom-Upstream header with the base URL of the upstream.");

    private static readonly Refusal NameAndOverride = Refusal.Invalid(
        "The path names an upstream and a header names one too; leave out the X-Headroom-Upstream header or the name in the path.");

    private static readonly Refusal BadOriginalPath = Refusal.Invalid(
        "The x-headroom-original-path header must hold one path, without dot segments or query, that starts with one slash and ends as the requested path does after its version.");
}
