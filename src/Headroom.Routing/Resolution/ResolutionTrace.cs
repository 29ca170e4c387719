using Headroom.Routing.Policy;
using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>Writes down the steps of one decision, in words, while they are taken.</summary>
/// <param name="isForOthers">
/// Whether others than the request's sender read them. They are told nothing of a query and of what follows a mount and, of a URL that the sender chose, the origin.
/// </param>
internal sealed class ResolutionTrace(bool isForOthers = false)
{
    private const string Hidden = "/...";

    private readonly List<ResolutionStep> _steps = [];
    private bool _hidesBase;
    private bool _hidesRest;

    internal IReadOnlyList<ResolutionStep> Steps => _steps;

    internal void Login(bool isLogin) => Add("login", isLogin
        ? "The token is that of a ChatGPT login. It goes to ChatGPT alone, whatever else the request says."
        : "The credentials are not those of a ChatGPT login.");

    internal void Path(Refusal? malformed) => Add("path", malformed?.Message ?? "The path and the query are well-formed.");

    internal void Mount(Mount mount, ReadOnlySpan<char> name, ReadOnlySpan<char> rest)
    {
        _hidesRest = isForOthers && mount != Resolution.Mount.None;
        Add("mount", mount switch
        {
            Resolution.Mount.Verbatim => $"The path is below the verbatim mount; its rest counts: {Shown(rest)}",
            Resolution.Mount.Name => $"The path names the upstream '{NameInLog.Of(name)}'; its rest counts: {Shown(rest)}",
            _ => "The path is below no mount, so all of it counts.",
        });
    }

    internal void Provider(Mount mount, RouteMatch match, Provider? provider, ProviderSource source) => Add("provider", source switch
    {
        ProviderSource.Login => $"{provider!.Name}, because of the login.",
        ProviderSource.Path when match.Route!.Route is { Shared: true } shared =>
            $"{provider!.Name}, by its route {shared.Template}. It is the first of those that share the path, and no credentials tell another.",
        ProviderSource.Path => $"{provider!.Name}, by its route {match.Route!.Route.Template}.",
        ProviderSource.Credentials => $"{provider!.Name}, by {Shown(match.Credential!)}{(match.IsByPath ? ", because several providers have this path" : "")}.",
        _ when mount == Resolution.Mount.Verbatim => "Not asked for: below the verbatim mount, the path is for the upstream that the header names.",
        _ when match.Withheld is { } route => $"None: {route.Provider.Name} gets {route.Route.Template} only with an API key, or if the request names the upstream.",
        _ => "None: neither the path nor the credentials are those of a provider.",
    });

    internal void Upstream(UpstreamSource source, ChosenUpstream? chosen, in RequestHeaders headers, Refusal? refusal)
    {
        if (refusal is not null)
        {
            Refuse("upstream", refusal);
            return;
        }

        _hidesBase = isForOthers && chosen is { Choice: UpstreamChoice.Override, Upstream.NormalizedPath.Length: > 0 };
        var url = _hidesBase ? chosen!.Upstream.Origin + Hidden : chosen!.Upstream.Verbatim;
        var how = source switch
        {
            UpstreamSource.Login => headers.NamesUpstream ? "That of the login; the one that the request names does not count" : "That of the login",
            UpstreamSource.Default => $"None is named, so it is the base address of {chosen.Name}",
            UpstreamSource.Name => $"By the name {chosen.Name}",
            UpstreamSource.Mount => $"By {NameOf(headers)}, as it is written there",
            _ => $"By {NameOf(headers)}",
        };
        var ignored = headers.HasIgnoredBaseUrl && source != UpstreamSource.Login
            ? $"{HeadroomHeaders.BaseUrl} does not count beside {HeadroomHeaders.Upstream}. "
            : "";
        Add("upstream", $"{ignored}{how}: {url} (choice: {UpstreamSourceWords.Of(source)}{(chosen.Key is null ? "" : ", with a key of the operator's")})");
    }

    internal void Join(JoinRule rule, Uri? uri, UpstreamOverride upstream, CompiledRoute? route, in RequestHeaders headers, Refusal? refusal)
    {
        if (refusal is not null)
        {
            Refuse("join", refusal);
            return;
        }

        var how = rule switch
        {
            JoinRule.Login => "The path is put where ChatGPT has it",
            JoinRule.Verbatim => "The path follows the URL",
            JoinRule.OriginalPath => $"The path of {HeadroomHeaders.OriginalPath} takes the place of the request's own",
            JoinRule.RepeatedPath => "The path repeats that of the base URL, which stands once",
            JoinRule.Normalized when upstream.Path.Length > 0 =>
                $"The path follows the base URL, of which {upstream.Path[upstream.NormalizedPath.Length..]} at the end is dropped",
            JoinRule.SameVersion => "The base URL ends in the version that the path starts with, which stands once",
            JoinRule.OwnVersion => "The base URL has a version of its own, which stands for the path's /v1",
            _ => "The path follows the base URL",
        };
        var shaped = rule < JoinRule.RepeatedPath || route is null ? ""
            : route.Route.Prepend.Length > 0 ? $", with {route.Route.Prepend} in front because of its route"
            : route.Route.DropFirstSegment ? ", without its first segment because of its route"
            : "";
        var ignored = headers.HasOriginalPath && rule != JoinRule.OriginalPath
            ? $"{HeadroomHeaders.OriginalPath} does not count here: it needs an override, and no mount. "
            : "";
        Add("join", $"{ignored}{how}{shaped}: {Shown(rule, uri!, upstream)}");
    }

    // The refusal's own message is the same for every cause.
    internal void Policy(string origin, UpstreamGrant grant, UpstreamTrust trust, OpenedPath? opened, Refusal? refusal) => Add("policy",
        refusal is null ? $"Opened by {opened}; {AddressRules.Describe(trust)}."
        : opened is not null ? $"Refused: {opened} opens {origin} for public addresses only, and {grant.NotPublic}."
        : grant.Paths.Any() ? $"Refused: this path of {origin} is not opened. What is: {string.Join(", ", grant.Paths)}."
        : $"Refused: nothing opens {origin}. The operator can list it in Headroom:AllowedUpstreams, or name it in Headroom:Upstreams.");

    private void Refuse(string name, Refusal refusal) => Add(name, WithDetail(refusal));

    private void Add(string name, string result) => _steps.Add(new(name, result));

    private static string WithDetail(Refusal refusal) => refusal.Detail is null ? refusal.Message : $"{refusal.Message} ({refusal.Detail})";

    private string Shown(ReadOnlySpan<char> path) => _hidesRest ? Hidden : path.IsEmpty ? "/" : path.ToString();

    private string Shown(JoinRule rule, Uri uri, UpstreamOverride upstream)
    {
        if (!isForOthers)
        {
            return HiddenQuery.In(uri.OriginalString);
        }

        // An original-path is a header's value.
        return _hidesBase || _hidesRest || rule == JoinRule.OriginalPath ? upstream.Origin + Hidden : uri.OriginalString.Split('?')[0];
    }

    private static string Shown(ProviderCredential credential) =>
        credential.ValuePrefix is null ? $"the header {credential.Header}" : $"the header {credential.Header} ({credential.ValuePrefix}...)";

    private static string NameOf(in RequestHeaders headers) => headers.IsByBaseUrl ? HeadroomHeaders.BaseUrl : HeadroomHeaders.Upstream;
}
