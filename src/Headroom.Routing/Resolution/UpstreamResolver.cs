using System.Diagnostics.CodeAnalysis;
using System.Net;
using Headroom.Routing.Policy;
using Headroom.Routing.Providers;
using Headroom.Routing.Resolution;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing;

/// <summary>
/// Decides where a request goes; nothing else does. It reads the request line and the headers and does no I/O. It is immutable and thread-safe, and a new
/// one is created when the options change.
/// </summary>
public sealed class UpstreamResolver
{
    private static readonly Refusal MountWithoutOverride = Refusal.Invalid(
        $"This path needs an {HeadroomHeaders.Upstream} header with the base URL of the upstream.");

    private static readonly Refusal NameAndOverride = Refusal.Invalid(
        $"The path names an upstream and a header names one too; leave out the {HeadroomHeaders.Upstream} header or the name in the path.");

    private const int KeptDecisions = 1024;

    private readonly RoutingRules _rules;
    private readonly BoundedCache<DecisionKey, UpstreamDecision> _decisions = new(KeptDecisions);

    private UpstreamResolver(RoutingRules rules) => _rules = rules;

    /// <summary>Reads what the headers of a request say, for a decision.</summary>
    internal RequestHeaderReader Headers => _rules.Routes.Headers;

    /// <summary>What the options were compiled to.</summary>
    internal RoutingRules Rules => _rules;

    /// <summary>Compiles options into a resolver.</summary>
    /// <param name="options">Where requests may go.</param>
    /// <param name="providers">Providers besides the <see cref="KnownProviders"/>.</param>
    /// <param name="egressProxy">The proxy that outgoing requests go through; <see langword="null"/> if none.</param>
    /// <returns>The resolver.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">The options hold errors; the message lists all of them, each with its configuration key.</exception>
    public static UpstreamResolver Create(HeadroomOptions options, IEnumerable<Provider>? providers = null, IWebProxy? egressProxy = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return TryCreate(options, providers ?? [], () => egressProxy, out var resolver, out var errors)
            ? resolver
            : throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));
    }

    /// <summary>Compiles options into a resolver, or lists all of their errors, each with its configuration key.</summary>
    internal static bool TryCreate(
        HeadroomOptions options,
        IEnumerable<Provider> additional,
        Func<IWebProxy?> egressProxy,
        [NotNullWhen(true)] out UpstreamResolver? resolver,
        out List<string> errors)
    {
        resolver = RuleCompiler.TryCompile(options, additional, egressProxy, out var rules, out errors) ? new UpstreamResolver(rules) : null;
        return resolver is not null;
    }

    /// <summary>Decides where a request goes.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="pathAndQuery">The request's path and query as the client sent them, less the gateway's own prefix.</param>
    /// <param name="headers">The request's headers. Their names are compared without regard to case, whatever the dictionary's comparer.</param>
    /// <param name="target">Where it goes, if it may go anywhere.</param>
    /// <param name="refusal">Why it goes nowhere, if it does.</param>
    /// <returns>Whether the request may be sent.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public bool TryResolve(
        string method,
        string pathAndQuery,
        IDictionary<string, StringValues> headers,
        [NotNullWhen(true)] out UpstreamTarget? target,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(pathAndQuery);
        ArgumentNullException.ThrowIfNull(headers);
        return Decide(method, pathAndQuery, Headers.Read(headers)).IsTarget(out target, out refusal);
    }

    /// <summary>Decides where a request goes and tells how it came about. Nothing is sent, and no name is resolved.</summary>
    /// <inheritdoc cref="TryResolve"/>
    /// <returns>The same decision that <see cref="TryResolve"/> makes, with its steps.</returns>
    public UpstreamExplanation Explain(string method, string pathAndQuery, IDictionary<string, StringValues> headers)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(pathAndQuery);
        ArgumentNullException.ThrowIfNull(headers);
        return Trace(method, pathAndQuery, headers, new ResolutionTrace());
    }

    /// <summary>Explains a request to others than its sender, so that they learn none of its secrets.</summary>
    /// <inheritdoc cref="Explain"/>
    internal UpstreamExplanation ExplainToOthers(string method, string pathAndQuery, IDictionary<string, StringValues> headers) =>
        Trace(method, pathAndQuery, headers, new ResolutionTrace(isForOthers: true));

    /// <summary>What others than its sender may see of a request's path. What follows a mount is an upstream's own, and may hold anything.</summary>
    internal string ShowPathToOthers(string pathAndQuery)
    {
        var request = new UpstreamRequest("", pathAndQuery, default);
        var path = request.Path;
        return _rules.Mounts.Cut(ref request, out var name) switch
        {
            Mount.None => path.ToString(),
            Mount.Name => $"/@{NameInLog.Of(name)}/...",
            _ => $"{path[..^request.Path.Length]}/...",
        };
    }

    /// <summary>Decides about a request that came to a gateway.</summary>
    internal UpstreamDecision Decide(string method, string pathAndQuery, in RequestHeaders headers)
    {
        var isLogin = SubscriptionLogin.IsLogin(headers);
        var mayKeep = DecisionKey.TryCreate(method, pathAndQuery, headers, isLogin, out var key);
        if (mayKeep && _decisions.TryFind(key, out var known))
        {
            return known;
        }

        var decision = Decide(method, pathAndQuery, headers, isLogin, trace: null);
        if (mayKeep && decision.Target is not null)
        {
            _decisions.Keep(key, decision);
        }

        return decision;
    }

    /// <summary>
    /// Decides about a request that has a destination of its own: it goes to the upstream in its header or, where this is
    /// <see langword="null"/>, where it was going.
    /// </summary>
    internal UpstreamDecision? Redirect(string method, string pathAndQuery, RequestHeaders headers)
    {
        if (!headers.NamesUpstream || SubscriptionLogin.IsLogin(headers))
        {
            return null;
        }

        var request = new UpstreamRequest(method, pathAndQuery, headers);
        return Decide(request, isLogin: false, request.Check(), Mount.None, name: [], trace: null);
    }

    private UpstreamExplanation Trace(string method, string pathAndQuery, IDictionary<string, StringValues> headers, ResolutionTrace trace)
    {
        var read = Headers.Read(headers);
        return new UpstreamExplanation(Decide(method, pathAndQuery, read, SubscriptionLogin.IsLogin(read), trace), trace.Steps);
    }

    private UpstreamDecision Decide(string method, string pathAndQuery, in RequestHeaders headers, bool isLogin, ResolutionTrace? trace)
    {
        var request = new UpstreamRequest(method, pathAndQuery, headers);
        var malformed = request.Check();
        var mount = _rules.Mounts.Cut(ref request, out var name);
        trace?.Login(isLogin);
        trace?.Path(malformed);
        if (malformed is null)
        {
            trace?.Mount(mount, name, request.Path);
        }

        return Decide(request, isLogin, malformed, mount, name, trace);
    }

    /// <param name="request">The request, less its mount.</param>
    /// <param name="isLogin">Who asks: a subscription login, or anybody. The token of a login may reach chatgpt.com alone, whatever the headers say.</param>
    /// <param name="malformed">What is wrong with the path, if anything.</param>
    /// <param name="mount">The mount.</param>
    /// <param name="name">The upstream that the mount names, if it does.</param>
    /// <param name="trace">Takes the steps down, if somebody asked for them.</param>
    private UpstreamDecision Decide(
        in UpstreamRequest request, bool isLogin, Refusal? malformed, Mount mount, ReadOnlySpan<char> name, ResolutionTrace? trace)
    {
        // Whose path is it?
        var match = mount == Mount.Verbatim ? default : _rules.Routes.Find(request, isLogin);
        var provider = isLogin ? ChatGpt.Provider : match.Provider;
        var told = isLogin ? ProviderSource.Login
            : provider is null ? ProviderSource.None
            : match.Route is null ? ProviderSource.Credentials
            : ProviderSource.Path;
        var goesNowhere = provider is not null && _rules.Bases.IsSwitchedOff(provider) && (isLogin || !request.Headers.NamesUpstream);
        var ownership = mount != Mount.None && malformed is null ? Ownership.ByPath
            : goesNowhere ? Ownership.None
            : match.IsByPath ? Ownership.ByPath
            : provider is not null || request.Headers.NamesUpstream ? Ownership.ByHeaders
            : Ownership.None;
        if (malformed is null)
        {
            trace?.Provider(mount, match, provider, told);
        }

        ChosenUpstream? chosen = null;
        Uri? uri = null;
        var source = UpstreamSource.Default;
        var rule = JoinRule.None;
        UpstreamTrust trust = default;
        var refusal = malformed
            // Which base?
            ?? Choose(request, isLogin, mount, name, match, out chosen, out source, trace)
            // Join path and base.
            ?? Join(request, isLogin, mount, chosen!, match.Route, out rule, out uri, trace)
            // Judge: may it go there?
            ?? Judge(chosen!, uri!, out trust, trace);

        return new UpstreamDecision(refusal is null ? new UpstreamTarget(uri!, chosen!, provider, trust) : null, refusal)
        {
            Provider = provider,
            ProviderSource = told,
            Source = source,
            JoinRule = rule,
            Ownership = ownership,
        };
    }

    private Refusal? Choose(
        in UpstreamRequest request, bool isLogin, Mount mount, ReadOnlySpan<char> name, RouteMatch match,
        out ChosenUpstream? chosen, out UpstreamSource source, ResolutionTrace? trace)
    {
        var refusal = isLogin ? _rules.Bases.FindLogin(out chosen)
            : mount == Mount.Name ? ChooseByPath(request, name, out chosen)
            : ChooseByHeader(request, mount, match, out chosen);
        source = isLogin ? UpstreamSource.Login
            : mount == Mount.Verbatim ? UpstreamSource.Mount
            : mount == Mount.Name || chosen?.Choice == UpstreamChoice.Named ? UpstreamSource.Name
            : !request.Headers.NamesUpstream ? UpstreamSource.Default
            : request.Headers.IsByBaseUrl ? UpstreamSource.BaseUrlHeader
            : UpstreamSource.Header;
        trace?.Upstream(source, chosen, request.Headers, refusal);
        return refusal;
    }

    private Refusal? ChooseByPath(in UpstreamRequest request, ReadOnlySpan<char> name, out ChosenUpstream? chosen)
    {
        chosen = null;
        return request.Headers.NamesUpstream ? NameAndOverride : _rules.Overrides.Find(name, out chosen);
    }

    private Refusal? ChooseByHeader(in UpstreamRequest request, Mount mount, RouteMatch match, out ChosenUpstream? chosen)
    {
        var refusal = _rules.Overrides.Read(request.Headers, out chosen);
        return refusal is not null || chosen is not null ? refusal
            : mount == Mount.Verbatim ? MountWithoutOverride
            : _rules.Bases.Find(match, request.Path, out chosen);
    }

    private static Refusal? Join(
        in UpstreamRequest request, bool isLogin, Mount mount, ChosenUpstream chosen, CompiledRoute? route, out JoinRule rule, out Uri? uri, ResolutionTrace? trace)
    {
        var refusal = isLogin
            ? UpstreamJoin.ApplyLogin(request, mount, chosen, out rule, out uri)
            : UpstreamJoin.Apply(request, mount, chosen, route, out rule, out uri);
        trace?.Join(rule, uri, chosen.Upstream, route, request.Headers, refusal);
        return refusal;
    }

    private Refusal? Judge(ChosenUpstream chosen, Uri uri, out UpstreamTrust trust, ResolutionTrace? trace)
    {
        var path = uri.OriginalString.AsSpan(chosen.Upstream.Origin.Length);
        var query = path.IndexOf('?');
        var grant = chosen.GrantBy(_rules.Policy);
        var refusal = UpstreamPolicy.Judge(grant, query < 0 ? path : path[..query], out trust, out var opened)?.About(chosen.Upstream.Origin);
        trace?.Policy(chosen.Upstream.Origin, grant, trust, opened, refusal);
        return refusal;
    }
}
