using Headroom.Routing.Policy;
using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>Writes down the steps of one decision, in words, while they are taken.</summary>
internal sealed class ResolutionTrace
{
    private readonly List<ResolutionStep> _steps = [];

    internal IReadOnlyList<ResolutionStep> Steps => _steps;

    internal void Login(bool isLogin) => Add("login", isLogin
        ? "The token is that of a ChatGPT login, so the request goes to chatgpt.com, whatever else it says."
        : "The credentials are not those of a ChatGPT login.");

    internal void Path(Refusal? malformed) => Add("path", malformed?.Message ?? "The path and the query are well-formed.");

    internal void Mount(Mount mount, ReadOnlySpan<char> name, ReadOnlySpan<char> rest) => Add("mount", mount switch
    {
        Resolution.Mount.Verbatim => $"The path is below the verbatim mount; what counts is {Shown(rest)}.",
        Resolution.Mount.Name => $"The path names the upstream '{NameInLog.Of(name)}'; what counts is {Shown(rest)}.",
        _ => "The path does not name the upstream.",
    });

    internal void Provider(Mount mount, RouteMatch match, Provider? provider, ProviderSource source) => Add("provider", source switch
    {
        ProviderSource.Login => $"{provider!.Name}, because of the login.",
        ProviderSource.Path when match.Route is { } route => $"{provider!.Name}, by its route {route.Route.Template}.",
        ProviderSource.Credentials => $"{provider!.Name}, by the credentials.",
        _ when mount == Resolution.Mount.Verbatim => "Not asked: the path belongs to whatever upstream the header names.",
        _ => "None: neither the path nor the credentials tell one.",
    });

    internal void Upstream(UpstreamSource source, ChosenUpstream? chosen, Refusal? refusal)
    {
        var where = source switch
        {
            UpstreamSource.Login => "Because of the login",
            UpstreamSource.Default => "Nothing names an upstream, so by the provider's base address",
            UpstreamSource.Name => "By name",
            UpstreamSource.BaseUrlHeader => $"By {HeadroomHeaders.BaseUrl}",
            UpstreamSource.Mount => "By the header, verbatim",
            _ => $"By {HeadroomHeaders.Upstream}",
        };
        Add("upstream", refusal is null ? $"{where}: {chosen!.Upstream.Verbatim}" : WithDetail(refusal));
    }

    internal void Join(JoinRule rule, Uri? uri, Refusal? refusal)
    {
        var how = rule switch
        {
            JoinRule.Login => "The path was put where ChatGPT has it",
            JoinRule.Verbatim => "The path follows the URL as it was written",
            JoinRule.OriginalPath => $"The path of {HeadroomHeaders.OriginalPath} replaces the request's own",
            JoinRule.RepeatedPath => "The path repeats that of the base URL, which stands once",
            JoinRule.Normalized => "The path follows the base URL without a trailing /v1 or /v1beta",
            JoinRule.SameVersion => "The base URL ends in the version that the path starts with; it stands once",
            JoinRule.OwnVersion => "The base URL has a version of its own, which replaces the path's /v1",
            _ => "The path follows the base URL",
        };
        Add("join", refusal is null ? $"{how}: {Shown(uri!)}" : WithDetail(refusal));
    }

    internal void Policy(UpstreamTrust trust, string? openedBy, Refusal? refusal) => Add("policy", refusal is null
        ? $"Opened by {openedBy}; {(trust == UpstreamTrust.Operator ? "internal addresses are allowed, except link-local and metadata ones" : "public addresses only")}."
        : WithDetail(refusal));

    private void Add(string name, string result) => _steps.Add(new(name, result));

    private static string WithDetail(Refusal refusal) => refusal.Detail is null ? refusal.Message : $"{refusal.Message} ({refusal.Detail})";

    private static string Shown(ReadOnlySpan<char> path) => path.IsEmpty ? "/" : path.ToString();

    // A query may hold a key.
    private static string Shown(Uri uri)
    {
        var text = uri.OriginalString;
        var query = text.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? text : string.Concat(text.AsSpan(0, query), "?...");
    }
}
