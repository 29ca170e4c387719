using Headroom.Routing.Resolution;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>The contract's own vectors: which URL a request goes to.</summary>
[TestClass]
public class ContractTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(ResolverAssert.AnyHost);

    // These clients look at their own base URL: at a provider's host they drop or add what they keep or leave at a proxy's.
    private static readonly string[] LookAtTheirBaseUrl =
    [
        "SubRouter [gemini]|@google/genai#generateContent", // adds /v1beta to the documented base, which ends in it
        "azure|@ai-sdk/azure#chat", // adds api-version=v1 at an Azure resource alone
    ];

    public static IEnumerable<object[]> Joins => CaseFile.Read("joins.tsv").Select("upstream", "incoming", "headers", "target");

    public static IEnumerable<object[]> Incoming =>
        CaseFile.Read("provider-urls.tsv").Select("provider", "client", "method", "upstream", "incoming", "anthropic", "target");

    public static IEnumerable<object[]> Mounted =>
        CaseFile.Read("provider-urls.tsv")
            .Where(row => !LookAtTheirBaseUrl.Contains($"{row["provider"]}|{row["client"]}"))
            .Select("provider", "client", "method", "upstream", "mount_incoming", "direct");

    public static IEnumerable<object[]> Routes =>
        CaseFile.Read("routes.tsv").Where(row => row["provider"] != "none" && !IsError(row)).Select("method", "path", "headers", "provider", "default_url");

    public static IEnumerable<object[]> Nobodys => CaseFile.Read("routes.tsv").Where(row => row["provider"] == "none").Select("method", "path", "headers");

    public static IEnumerable<object[]> Errors =>
        CaseFile.Read("routes.tsv").Where(IsError).Select("method", "path", "headers", "provider");

    public static IEnumerable<object[]> Blank => CaseFile.Read("override-values.tsv").Where(row => row["result"] == "none").Select("value");

    [TestMethod]
    [DynamicData(nameof(Joins))]
    public void Joins_an_upstream_and_a_path(string upstream, string incoming, string headers, string target) =>
        Assert.AreEqual(target, Resolver.Resolves("POST", incoming, With(headers, upstream)).Uri.OriginalString);

    [TestMethod]
    [DynamicData(nameof(Incoming))]
    public void Reaches_what_the_provider_serves(
        string provider, string client, string method, string upstream, string incoming, string anthropic, string target) =>
        Assert.AreEqual(
            target,
            Resolver.Resolves(method, incoming, With(anthropic == "yes" ? "anthropic-version: 2023-06-01" : "", upstream)).Uri.OriginalString,
            $"{provider}, {client}");

    [TestMethod]
    [DynamicData(nameof(Mounted))]
    public void The_verbatim_mount_reaches_what_the_client_would_have_called(
        string provider, string client, string method, string upstream, string incoming, string direct) =>
        Assert.AreEqual(direct, Resolver.Resolves(method, incoming, With("", upstream)).Uri.OriginalString, $"{provider}, {client}");

    [TestMethod]
    [DynamicData(nameof(Routes))]
    public void Finds_the_provider_and_its_default(string method, string path, string headers, string provider, string url)
    {
        var target = Resolver.Resolves(method, path, headers);
        Assert.AreEqual(provider, target.Provider?.Name, ignoreCase: true);
        Assert.AreEqual(url, target.Uri.OriginalString);
        Assert.AreEqual(UpstreamChoice.Configured, target.Choice);
    }

    [TestMethod]
    [DynamicData(nameof(Nobodys))]
    public void Leaves_to_the_host_what_is_no_providers(string method, string path, string headers) =>
        Assert.AreEqual(Ownership.None, Resolver.OwnershipOf(method, path, headers));

    [TestMethod]
    [DynamicData(nameof(Errors))]
    public void Refuses_what_has_no_upstream_or_a_bad_path(string method, string path, string headers, string error) =>
        Assert.AreEqual(
            error switch
            {
                "error: invalid_upstream" => RefusalReason.InvalidUpstream,
                "error: no_upstream" => RefusalReason.NoUpstream,
                _ => throw new FormatException($"routes.tsv: '{error}' is not a reason."),
            },
            Resolver.Refuses(method, path, headers).Reason);

    [TestMethod]
    [DynamicData(nameof(Blank))]
    public void A_blank_header_is_no_override(string value)
    {
        var headers = ResolverAssert.Headers("");
        headers[HeadroomHeaders.Upstream] = value;
        Assert.IsTrue(Resolver.TryResolve("POST", "/v1/chat/completions", headers, out var target, out _));
        Assert.AreEqual(UpstreamChoice.Configured, target.Choice);
    }

    private static bool IsError(IReadOnlyDictionary<string, string> row) => row["provider"].StartsWith("error: ", StringComparison.Ordinal);

    private static string With(string headers, string upstream) =>
        $"{headers}{(headers.Length > 0 ? "; " : "")}{HeadroomHeaders.Upstream}: {upstream}";
}
