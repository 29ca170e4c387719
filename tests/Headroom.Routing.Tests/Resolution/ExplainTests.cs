using System.Net;
using Headroom.Routing.Resolution;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>The steps of a decision, as a person reads them who asks why a request does not arrive where it should.</summary>
[TestClass]
public sealed class ExplainTests
{
    private const string NoLogin = "login: The credentials are not those of a ChatGPT login.";
    private const string GoodPath = "path: The path and the query are well-formed.";
    private const string NoMount = "mount: The path is below no mount, so all of it counts.";
    private const string ChatRoute = "provider: OpenAI, by its route /v1/chat/completions/{**rest}.";
    private const string SharedRoute = "provider: OpenAI, by its route /v1/models/{**rest}. It is the first of those that share the path, and no credentials tell another.";
    private const string OfOperator = "internal addresses are allowed, but its name must not lead to a link-local or metadata address.";
    private const string OfCaller = "every address of it must be public.";

    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions
    {
        AllowedUpstreams = { "https://*", " http://10.0.0.5/llm " },
        Upstreams = { ["local"] = "http://127.0.0.1:11434/v1" },
    });

    private static readonly string LoginToken = $"Authorization: Bearer {Jwt.OfLogin}";

    [TestMethod]
    public void A_request_that_names_nothing_goes_to_its_providers_base() => AssertSteps(
        "POST", "/v1/chat/completions", "",
        NoLogin, GoodPath, NoMount, ChatRoute,
        "upstream: None is named, so it is the base address of OpenAI: https://api.openai.com (choice: default)",
        "join: The path follows the base URL: https://api.openai.com/v1/chat/completions",
        $"policy: Opened by the base address of OpenAI; {OfOperator}");

    [TestMethod]
    public void A_URL_in_the_header_is_opened_by_an_entry() => AssertSteps(
        "POST", "/v1/chat/completions", "X-Headroom-Upstream: https://api.z.ai/api/paas/v4; x-headroom-base-url: https://other.example",
        NoLogin, GoodPath, NoMount, ChatRoute,
        "upstream: x-headroom-base-url does not count beside X-Headroom-Upstream. By X-Headroom-Upstream: https://api.z.ai/api/paas/v4 (choice: header)",
        "join: The base URL has a version of its own, which stands for the path's /v1: https://api.z.ai/api/paas/v4/chat/completions",
        $"policy: Opened by Headroom:AllowedUpstreams:0 (https://*); {OfCaller}");

    [TestMethod]
    public void The_original_proxys_headers_are_named() => AssertSteps(
        "POST", "/v1/chat/completions", "x-headroom-base-url: https://a.example; x-headroom-original-path: /deep/v4/chat/completions",
        NoLogin, GoodPath, NoMount, ChatRoute,
        "upstream: By x-headroom-base-url: https://a.example (choice: base_url_header)",
        "join: The path of x-headroom-original-path takes the place of the request's own: https://a.example/deep/v4/chat/completions",
        $"policy: Opened by Headroom:AllowedUpstreams:0 (https://*); {OfCaller}");

    [TestMethod]
    public void A_name_in_the_header_is_told_from_a_URL() => AssertSteps(
        "GET", "/v1/models", "X-Headroom-Upstream: LOCAL",
        NoLogin, GoodPath, NoMount, SharedRoute,
        "upstream: By the name local: http://127.0.0.1:11434/v1 (choice: name)",
        "join: The path repeats that of the base URL, which stands once: http://127.0.0.1:11434/v1/models",
        $"policy: Opened by Headroom:Upstreams:local (at and below /v1); {OfOperator}");

    [TestMethod]
    public void A_name_in_the_path_is_a_mount() => AssertSteps(
        "GET", "/@openrouter/models", "x-headroom-original-path: /x/models",
        NoLogin, GoodPath,
        "mount: The path names the upstream 'openrouter'; its rest counts: /models",
        "provider: None: neither the path nor the credentials are those of a provider.",
        "upstream: By the name openrouter: https://openrouter.ai/api/v1 (choice: name)",
        "join: x-headroom-original-path does not count here: it needs an override, and no mount. The path follows the base URL: https://openrouter.ai/api/v1/models",
        $"policy: Opened by Headroom:AllowedUpstreams:0 (https://*); {OfCaller}");

    [TestMethod]
    public void The_verbatim_mount_asks_for_no_provider() => AssertSteps(
        "GET", "/upstream", "X-Headroom-Upstream: https://a.example/v4/",
        NoLogin, GoodPath,
        "mount: The path is below the verbatim mount; its rest counts: /",
        "provider: Not asked for: below the verbatim mount, the path is for the upstream that the header names.",
        "upstream: By X-Headroom-Upstream, as it is written there: https://a.example/v4 (choice: mount)",
        "join: The path follows the URL: https://a.example/v4",
        $"policy: Opened by Headroom:AllowedUpstreams:0 (https://*); {OfCaller}");

    [TestMethod]
    public void A_login_goes_to_ChatGPT_whatever_it_names() => AssertSteps(
        "POST", "/v1/responses", LoginToken + "; X-Headroom-Upstream: https://a.example",
        "login: The token is that of a ChatGPT login. It goes to ChatGPT alone, whatever else the request says.",
        GoodPath, NoMount,
        "provider: ChatGPT, because of the login.",
        "upstream: That of the login; the one that the request names does not count: https://chatgpt.com (choice: login)",
        "join: The path is put where ChatGPT has it: https://chatgpt.com/backend-api/codex/responses",
        $"policy: Opened by the base address of ChatGPT; {OfOperator}");

    [TestMethod]
    [DataRow("x-api-key: secret", "Anthropic, by the header x-api-key, because several providers have this path.")]
    [DataRow("Authorization: Bearer sk-ant-secret", "Anthropic, by the header Authorization (Bearer sk-ant-...), because several providers have this path.")]
    [DataRow("anthropic-version: 2023-06-01", "Anthropic, by the header anthropic-version, because several providers have this path.")]
    public void The_credential_that_tells_the_provider_is_named(string headers, string provider) =>
        Assert.AreEqual(provider, StepsOf("GET", "/v1/models", headers).Single(step => step.Name == "provider").Result);

    [TestMethod]
    [DataRow("POST", "/projects/p/locations/eu/m:x", "", "The path follows the base URL, with /v1 in front because of its route: https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/m:x")]
    [DataRow("POST", "/v1/v1internal:x", "", "The path follows the base URL, without its first segment because of its route: https://cloudcode-pa.googleapis.com/v1internal:x")]
    [DataRow("GET", "/models", "X-Headroom-Upstream: https://a.example/x/v1beta", "The path follows the base URL, of which /v1beta at the end is dropped: https://a.example/x/models")]
    [DataRow("GET", "/v4/models", "X-Headroom-Upstream: https://a.example/x/v4", "The base URL ends in the version that the path starts with, which stands once: https://a.example/x/v4/models")]
    [DataRow("GET", "/models", "X-Headroom-Upstream: https://a.example/x", "The path follows the base URL: https://a.example/x/models")]
    public void Each_way_to_join_is_told(string method, string path, string headers, string join) =>
        Assert.AreEqual(join, StepsOf(method, path, headers).Single(step => step.Name == "join").Result);

    public static IEnumerable<object[]> Refusals =>
    [
        ["GET", "/v1/%2e%2e/x", "", "path", "The path holds a '.' or '..' segment, plain or encoded; send the path that is meant."],
        ["GET", "v1", "", "path", "The request target does not start with a slash."],
        ["GET", "/v1/models", "X-Headroom-Upstream: no-such", "upstream", "There is no upstream of that name. Names are those of Headroom:Upstreams and of the catalog; a URL is written in full, starting with https://. (there is no upstream 'no-such')"],
        ["GET", "/@no-such/models", "", "upstream", "There is no upstream of that name. Names are those of Headroom:Upstreams and of the catalog; a URL is written in full, starting with https://. (there is no upstream 'no-such')"],
        ["GET", "/v1/models", "X-Headroom-Upsteam: openai", "upstream", "A header looks like X-Headroom-Upstream and is spelled differently; correct its name or leave it out. (the header is called 'X-Headroom-Upsteam')"],
        ["GET", "/v1/models", "X-Headroom-Upstream: openai; X-Headroom-Upstream: google", "upstream", "The upstream is given more than once; send one X-Headroom-Upstream header."],
        ["GET", "/v1/models", "X-Headroom-Upstream: https://u:secret@a.example", "upstream", "The upstream holds user info before an '@'; send credentials in their own header."],
        ["GET", "/upstream/models", "", "upstream", "This path needs an X-Headroom-Upstream header with the base URL of the upstream."],
        ["GET", "/@local/models", "X-Headroom-Upstream: openai", "upstream", "The path names an upstream and a header names one too; leave out the X-Headroom-Upstream header or the name in the path."],
        ["POST", "/openai/deployments/d/x", "", "upstream", "AzureOpenAI has no address of its own here. Name the upstream in an X-Headroom-Upstream header, or set Headroom:Providers:AzureOpenAI:BaseAddress."],
        ["POST", "/v1/projects/p/locations/A/x", "", "upstream", "The location in the path is not one: lower-case letters and digits, in groups joined by single hyphens."],
        ["GET", "/favicon.ico", "", "upstream", "No provider owns this path. Name the upstream in an X-Headroom-Upstream header."],
        ["GET", "/v1/models", "X-Headroom-Upstream: https://a.example; x-headroom-original-path: /v1/files", "join", "The x-headroom-original-path header must hold one path, without dot segments or query, that starts with one slash and ends as the requested path does after its version."],
        ["GET", "/v1/models", "X-Headroom-Upstream: http://a.example", "policy", "Refused: nothing opens http://a.example. The operator can list it in Headroom:AllowedUpstreams, or name it in Headroom:Upstreams."],
        ["GET", "/v1/models", "X-Headroom-Upstream: http://10.0.0.5/admin", "policy", "Refused: this path of http://10.0.0.5 is not opened. What is: Headroom:AllowedUpstreams:1 (http://10.0.0.5/llm)."],
        ["GET", "/v1/models", "X-Headroom-Upstream: local; x-headroom-original-path: /admin/models", "policy", "Refused: this path of http://127.0.0.1:11434 is not opened. What is: Headroom:Upstreams:local (at and below /v1)."],
        ["GET", "/v1/models", "X-Headroom-Upstream: https://vault.corp", "policy", "Refused: Headroom:AllowedUpstreams:0 (https://*) opens https://vault.corp for public addresses only, and the name is an internal one."],
        ["GET", "/v1/models", "X-Headroom-Upstream: https://10.0.0.1", "policy", "Refused: Headroom:AllowedUpstreams:0 (https://*) opens https://10.0.0.1 for public addresses only, and the address is not public."],
    ];

    [TestMethod]
    [DynamicData(nameof(Refusals))]
    public void A_refusal_is_the_last_step_and_tells_its_cause(string method, string path, string headers, string step, string cause)
    {
        string[] all = ["login", "path", "mount", "provider", "upstream", "join", "policy"];

        var steps = StepsOf(method, path, headers);

        CollectionAssert.AreEqual(all[..(Array.IndexOf(all, step) + 1)], steps.Select(one => one.Name).ToArray());
        Assert.AreEqual(cause, steps[^1].Result);
    }

    [TestMethod]
    public void A_wildcard_behind_an_egress_proxy_is_told_with_the_setting_that_opens_it()
    {
        var proxied = UpstreamResolver.Create(new() { AllowedUpstreams = { "*.example" } }, egressProxy: new WebProxy("http://proxy.corp"));

        Assert.AreEqual(
            "Refused: Headroom:AllowedUpstreams:0 (*.example) opens https://a.example for public addresses only, and behind the egress proxy its address can't be judged (Headroom:TrustEgressProxy).",
            StepsOf("GET", "/v1/models", "X-Headroom-Upstream: https://a.example", proxied)[^1].Result);
    }

    [TestMethod]
    public void A_path_that_needs_a_key_says_so() => Assert.AreEqual(
        "None: OpenAI gets /v1/{**rest} only with an API key, or if the request names the upstream.",
        StepsOf("GET", "/v1/ordrs", "").Single(step => step.Name == "provider").Result);

    [TestMethod]
    [DataRow("?key=s3cr3t", "?key=...")]
    [DataRow("?a=1&key=s3cr3t&flag&b=", "?a=...&key=...&...&b=")]
    [DataRow("?s3cr3t", "?...")]
    [DataRow("?a=1;key=s3cr3t=&&", "?a=...&&")]
    [DataRow("?", "?")]
    public void A_query_is_shown_without_its_values(string query, string shown) =>
        Assert.EndsWith("/v1/models" + shown, StepsOf("GET", "/v1/models" + query, "").Single(step => step.Name == "join").Result);

    [TestMethod]
    public void A_key_in_the_place_of_a_parameters_name_is_not_shown() =>
        Assert.EndsWith("/v1/models?...", StepsOf("GET", $"/v1/models?{new string('k', 31)}=", "").Single(step => step.Name == "join").Result);

    public static IEnumerable<object[]> Requests =>
    [
        .. ContractTests.Incoming.Select(row => new[] { row[2], row[4], $"{((string)row[5] == "yes" ? "anthropic-version: 2023-06-01; " : "")}X-Headroom-Upstream: {row[3]}" }),
        .. ContractTests.Mounted.Select(row => new[] { row[2], row[4], $"X-Headroom-Upstream: {row[3]}" }),
        .. ContractTests.Joins.Select(row => new[] { "POST", row[1], $"{row[2]}{((string)row[2] == "" ? "" : "; ")}X-Headroom-Upstream: {row[0]}" }),
        .. ContractTests.Routes.Concat(ContractTests.Nobodys).Concat(ContractTests.Errors).Select(row => row[..3]),
        .. CaseFile.Read("override-values.tsv").Rows.Select(row => new object[] { "POST", "/v1/chat/completions", $"X-Headroom-Upstream: {row["value"]}" }),
        .. Refusals.Select(row => row[..3]),
        ["POST", "/v1/responses", LoginToken + "; X-Headroom-Upstream: https://a.example"],
    ];

    [TestMethod]
    [DynamicData(nameof(Requests))]
    public void An_explanation_is_that_of_the_decision_itself(string method, string path, string headers)
    {
        foreach (var resolver in new[] { Resolver, UpstreamResolver.Create(ResolverAssert.AnyHost) })
        {
            var explained = resolver.Explain(method, path, ResolverAssert.Headers(headers)).Decision;

            // What is kept from an earlier request is explained afresh, and is the same.
            for (var i = 0; i < 2; i++)
            {
                var decided = resolver.Decide(method, path, resolver.Headers.Read(ResolverAssert.Headers(headers)));
                Assert.AreEqual(
                    (decided.Target?.Uri.OriginalString, decided.Target?.Choice, decided.Target?.Trust, decided.Target?.Name, decided.Refusal?.Reason, decided.Refusal?.Message, decided.Refusal?.Detail),
                    (explained.Target?.Uri.OriginalString, explained.Target?.Choice, explained.Target?.Trust, explained.Target?.Name, explained.Refusal?.Reason, explained.Refusal?.Message, explained.Refusal?.Detail));
                Assert.AreEqual(
                    (decided.Provider, decided.ProviderSource, decided.Source, decided.JoinRule, decided.Ownership),
                    (explained.Provider, explained.ProviderSource, explained.Source, explained.JoinRule, explained.Ownership));
            }

            Assert.AreEqual(explained.Target is not null, resolver.TryResolve(method, path, ResolverAssert.Headers(headers), out _, out _));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Requests))]
    public void No_step_holds_a_secret(string method, string path, string headers)
    {
        const string Secret = "s3cr3t-0123456789-0123456789-0123456789";
        var request = ResolverAssert.Headers(headers);
        foreach (var name in (string[])["x-api-key", "api-key", "x-goog-api-key", "Authorization", "Cookie", "baggage", "tracestate", "ChatGPT-Account-ID", "x-headroom-proxy-token"])
        {
            request[name] = request.TryGetValue(name, out var value) && value.ToString().StartsWith("Bearer", StringComparison.Ordinal) ? value + Secret : Secret;
        }

        var target = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}key={Secret}&{Secret}&{Secret}=x";
        var steps = Resolver.Explain(method, target, request).Steps;

        Assert.IsNotEmpty(steps);
        foreach (var step in steps)
        {
            Assert.DoesNotContain("s3cr3t", step.Result, $"{step.Name}: {step.Result}");
        }
    }

    [TestMethod]
    [DataRow("X-Headroom-Upstream: sk-s3cr3t-0123456789-0123456789-0123456789")]
    [DataRow("X-Headroom-Upstream: Bearer sk-s3cr3t")]
    [DataRow("X-Headroom-Upstream: https://s3cr3t@a.example")]
    [DataRow("X-Headroom-Upstream: https://a.example?key=s3cr3t")]
    [DataRow("X-Headroom-Upstream: https://a.example; x-headroom-original-path: /v1/models?key=s3cr3t")]
    public void A_secret_in_the_wrong_header_is_not_repeated(string headers)
    {
        foreach (var step in StepsOf("GET", "/v1/models", headers))
        {
            Assert.DoesNotContain("s3cr3t", step.Result);
        }
    }

    private static IReadOnlyList<ResolutionStep> StepsOf(string method, string path, string headers, UpstreamResolver? resolver = null) =>
        (resolver ?? Resolver).Explain(method, path, ResolverAssert.Headers(headers)).Steps;

    [TestMethod]
    [DataRow("/v1/models?key=s3cr3t", "X-Headroom-Upstream: https://a.example/v1", "/v1/models", "https://a.example/v1", "https://a.example/v1/models")]
    [DataRow("/v1/models?key=s3cr3t", "X-Headroom-Upstream: https://a.example/s3cr3t", "/v1/models", "https://a.example/...", "https://a.example/...")]
    [DataRow("/v1/models?key=s3cr3t", "x-headroom-base-url: https://a.example; x-headroom-original-path: /s3cr3t/models", "/v1/models", "https://a.example", "https://a.example/...")]
    [DataRow("/v1/models?key=s3cr3t", "X-Headroom-Upstream: local", "/v1/models", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1/models")]
    [DataRow("/@local/s3cr3t?key=s3cr3t", "", "/@local/...", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/...")]
    [DataRow("/upstream/s3cr3t?key=s3cr3t", "X-Headroom-Upstream: https://a.example", "/upstream/...", "https://a.example", "https://a.example/...")]
    public void Others_than_the_sender_see_no_query_nothing_below_a_mount_and_of_a_callers_URL_the_origin(
        string pathAndQuery, string headers, string shownPath, string upstream, string url)
    {
        var told = Resolver.ExplainToOthers("GET", pathAndQuery, ResolverAssert.Headers(headers)).Steps;

        Assert.AreEqual(shownPath, Resolver.ShowPathToOthers(pathAndQuery));
        Assert.Contains($": {upstream} (choice: ", told.Single(step => step.Name == "upstream").Result);
        Assert.EndsWith($": {url}", told.Single(step => step.Name == "join").Result);
        Assert.IsFalse(told.Any(step => step.Result.Contains("s3cr3t", StringComparison.Ordinal)), string.Join('\n', told.Select(step => step.Result)));
    }

    private static void AssertSteps(string method, string path, string headers, params string[] expected) =>
        Assert.AreEqual(
            string.Join('\n', expected),
            string.Join('\n', StepsOf(method, path, headers).Select(step => $"{step.Name}: {step.Result}")));
}
