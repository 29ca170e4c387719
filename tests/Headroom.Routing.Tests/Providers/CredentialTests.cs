using Headroom.Routing.Resolution;
using Headroom.Routing.Tests.Resolution;

namespace Headroom.Routing.Tests.Providers;

/// <summary>Whose request it is on a path that several providers serve: the credentials decide, in a fixed order.</summary>
[TestClass]
public sealed class CredentialTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions
    {
        Providers =
        {
            ["AzureOpenAI"] = new() { BaseAddress = "https://resource.openai.azure.example" },
            ["Bedrock"] = new() { BaseAddress = "https://bedrock.example" },
        },
    });

    // Each row: the credentials, and whose they are where nothing else tells.
    private static readonly (string Headers, string Provider)[] Order =
    [
        ("anthropic-version: 2023-06-01", "Anthropic"),
        ("x-goog-api-key: k", "Gemini"),
        ("api-key: k", "AzureOpenAI"),
        ("x-api-key: k", "Anthropic"),
        ("Authorization: Bearer sk-ant-api03-x", "Anthropic"),
        ("Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/bedrock/aws4_request", "Bedrock"),
        ("Authorization: Bearer sk-proj-x", "OpenAI"),
    ];

    private static readonly string[] SharedPaths =
        ["/v1/models", "/v1/models/m-1", "/v1/files", "/v1/files/f/content", "/v1/batches", "/v1/batches/b/cancel", "/v1/anything/new", "/elsewhere"];

    public static IEnumerable<object[]> OneCredential =>
        from path in SharedPaths
        from row in Order
        select new object[] { path, row.Headers, row.Provider };

    // Every pair of two different headers: the one further up the table decides, wherever it stands in the request.
    public static IEnumerable<object[]> TwoCredentials =>
        from first in Enumerable.Range(0, Order.Length)
        from second in Enumerable.Range(first + 1, Order.Length - first - 1)
        let upper = Order[first]
        let lower = Order[second]
        where HeaderOf(upper.Headers) != HeaderOf(lower.Headers)
        from headers in new[] { $"{upper.Headers}; {lower.Headers}", $"{lower.Headers}; {upper.Headers}" }
        select new object[] { headers, upper.Provider };

    [TestMethod]
    [DynamicData(nameof(OneCredential))]
    public void A_credential_decides_a_shared_path(string path, string headers, string provider) =>
        Assert.AreEqual(provider, Resolver.Resolves("GET", path, headers).Provider?.Name);

    [TestMethod]
    [DynamicData(nameof(TwoCredentials))]
    public void Of_two_credentials_the_one_further_up_decides(string headers, string provider) =>
        Assert.AreEqual(provider, Resolver.Resolves("GET", "/v1/models", headers).Provider?.Name);

    [TestMethod]
    [DataRow("x-goog-api-key: k; api-key: k; x-api-key: k; anthropic-version: 2023-06-01; Authorization: Bearer sk-x", "Anthropic")]
    [DataRow("x-goog-api-key: k; api-key: k; x-api-key: k; Authorization: Bearer sk-ant-x", "Gemini")]
    [DataRow("api-key: k; x-api-key: k; Authorization: Bearer sk-x", "AzureOpenAI")]
    [DataRow("authorization: bearer SK-ANT-x", "Anthropic")]
    [DataRow("authorization: Bearer sk-x; authorization: Bearer sk-ant-x", "Anthropic")]
    [DataRow("X-API-KEY: k", "Anthropic")]
    [DataRow("x-api-key:  ; Authorization: Bearer sk-x", "OpenAI")]
    [DataRow("Authorization: Bearer some-other-key", "OpenAI")]
    [DataRow("Authorization: Basic c2stYW50LTo=", "OpenAI")]
    [DataRow("", "OpenAI")]
    public void Reads_credentials_as_clients_send_them(string headers, string provider) =>
        Assert.AreEqual(provider, Resolver.Resolves("GET", "/v1/models", headers).Provider?.Name);

    [TestMethod]
    [DataRow("/v1/messages", "Anthropic")]
    [DataRow("/v1/messages/batches/b/results", "Anthropic")]
    [DataRow("/v1/complete", "Anthropic")]
    [DataRow("/v1beta/models", "Gemini")]
    [DataRow("/upload/v1beta/files", "Gemini")]
    [DataRow("/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", "Gemini")]
    [DataRow("//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", "Gemini")]
    [DataRow("/v1/chat/completions", "OpenAI")]
    [DataRow("/v1/audio/speech", "OpenAI")]
    [DataRow("/v1/projects/p/locations/global/models", "Vertex")]
    [DataRow("/v1internal:countTokens", "CloudCode")]
    [DataRow("/openai/v1/models", "AzureOpenAI")]
    [DataRow("/model/m/converse-stream", "Bedrock")]
    public void On_a_path_of_its_own_a_provider_takes_any_credential(string path, string provider)
    {
        foreach (var (headers, _) in Order.Where(row => HeaderOf(row.Headers) != "api-key"))
        {
            Assert.AreEqual(provider, Resolver.Resolves("POST", path, headers).Provider?.Name, headers);
        }
    }

    [TestMethod]
    [DataRow("/v1/chat/completions")]
    [DataRow("/v1/responses/resp_1")]
    [DataRow("/v1/realtime")]
    public void OpenAIs_own_paths_with_an_api_key_and_no_Authorization_are_Azures(string path)
    {
        Assert.AreEqual("AzureOpenAI", Resolver.Resolves("POST", path, "api-key: k").Provider?.Name);
        Assert.AreEqual("OpenAI", Resolver.Resolves("POST", path, "api-key: k; Authorization: Bearer sk-x").Provider?.Name);
    }

    [TestMethod]
    [DataRow("POST", "x-goog-api-key: k", "Gemini")]
    [DataRow("POST", "", "Gemini")]
    [DataRow("POST", "Authorization: Bearer ya29.token", "Gemini")]
    [DataRow("POST", "Authorization: Bearer sk-x", "OpenAI")]
    [DataRow("GET", "", "OpenAI")]
    public void A_model_with_an_action_is_Geminis_when_it_is_posted_to(string method, string headers, string provider) =>
        Assert.AreEqual(provider, Resolver.Resolves(method, "/v1/models/gemini-2.5-pro:generateContent", headers).Provider?.Name);

    [TestMethod]
    public void A_path_without_owner_or_credential_is_nobodys()
    {
        Assert.AreEqual(Ownership.None, Resolver.OwnershipOf("GET", "/elsewhere", "Authorization: Bearer some-other-key"));
        Assert.AreEqual(RefusalReason.NoUpstream, Resolver.Refuses("GET", "/elsewhere").Reason);
    }

    private static string HeaderOf(string headers) => headers[..headers.IndexOf(':', StringComparison.Ordinal)];
}
