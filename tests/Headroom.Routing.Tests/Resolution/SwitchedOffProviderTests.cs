using Headroom.Routing.Resolution;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>A provider that is switched off gets nothing by default, and what is meant for it goes to no other provider either.</summary>
[TestClass]
public sealed class SwitchedOffProviderTests
{
    private const string Login = "Authorization: Bearer e30.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoiYWNjdC0xIn19.x";

    private static readonly UpstreamResolver OnlyOpenAI = Without("Anthropic", "Gemini", "Vertex", "CloudCode", "AzureOpenAI", "Bedrock", "ChatGPT");

    [TestMethod]
    [DataRow("POST", "/v1/messages", "")]
    [DataRow("POST", "/v1/messages", "x-api-key: k; anthropic-version: 2023-06-01")]
    [DataRow("POST", "/v1/messages", "Authorization: Bearer sk-ant-1")]
    [DataRow("POST", "/v1beta/models/m:generateContent", "x-goog-api-key: k")]
    [DataRow("POST", "/v1/projects/p/locations/eu/x:predict", "")]
    [DataRow("POST", "/v1internal:loadCodeAssist", "")]
    [DataRow("POST", "/openai/deployments/d/chat/completions", "api-key: k")]
    [DataRow("POST", "/model/m/invoke", "")]
    [DataRow("POST", "/backend-api/codex/responses", "")]
    [DataRow("GET", "/v1/ordrs/7", "x-goog-api-key: k")]
    [DataRow("GET", "/v1/models", "x-api-key: k")]
    [DataRow("GET", "/v1/models", "Authorization: Bearer sk-ant-1")]
    [DataRow("POST", "/v1/chat/completions", "api-key: k")]
    [DataRow("GET", "/any/path", "x-api-key: k")]
    [DataRow("POST", "/v1/responses", Login)]
    [DataRow("POST", "/v1/responses", "X-Headroom-Upstream: openrouter; " + Login)]
    public void What_is_meant_for_it_goes_nowhere(string method, string path, string headers)
    {
        Assert.AreEqual(RefusalReason.NoUpstream, OnlyOpenAI.Refuses(method, path, headers).Reason);
        Assert.AreEqual(Ownership.None, OnlyOpenAI.OwnershipOf(method, path, headers));
    }

    [TestMethod]
    [DataRow("POST", "/v1/chat/completions", "", "https://api.openai.com/v1/chat/completions")]
    [DataRow("GET", "/v1/models", "", "https://api.openai.com/v1/models")]
    [DataRow("GET", "/v1/ordrs/7", "Authorization: Bearer sk-1", "https://api.openai.com/v1/ordrs/7")]
    public void The_others_go_where_they_went(string method, string path, string headers, string url) =>
        Assert.AreEqual(url, OnlyOpenAI.Resolves(method, path, headers).Uri.OriginalString);

    [TestMethod]
    [DataRow("/v1/messages", "X-Headroom-Upstream: openrouter", "https://openrouter.ai/api/v1/messages")]
    [DataRow("/v1/messages", "X-Headroom-Upstream: https://api.deepseek.com/anthropic; x-api-key: k", "https://api.deepseek.com/anthropic/v1/messages")]
    [DataRow("/@openrouter/v1/messages", "", "https://openrouter.ai/api/v1/messages")]
    [DataRow("/v1/messages", "X-Headroom-Upstream: https://api.anthropic.com", "https://api.anthropic.com/v1/messages")]
    public void Who_names_an_upstream_gets_it(string path, string headers, string url)
    {
        Assert.AreEqual(url, OnlyOpenAI.Resolves("POST", path, headers).Uri.OriginalString);
        Assert.AreNotEqual(Ownership.None, OnlyOpenAI.OwnershipOf("POST", path, headers));
    }

    [TestMethod]
    public void On_a_shared_path_the_next_provider_is_the_first() =>
        Assert.AreEqual("https://api.anthropic.com/v1/models", Without("OpenAI").Resolves("GET", "/v1/models").Uri.OriginalString);

    [TestMethod]
    public void Without_the_catalog_its_base_is_not_allowed()
    {
        var options = new HeadroomOptions { AllowCatalog = false };
        Assert.IsNotNull(UpstreamResolver.Create(options).Resolves("POST", "/v1/messages", "X-Headroom-Upstream: https://api.anthropic.com"));

        options.Providers["anthropic"] = new ProviderOptions { Enabled = false };
        var resolver = UpstreamResolver.Create(options);

        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, resolver.Refuses("POST", "/v1/messages", "X-Headroom-Upstream: https://api.anthropic.com").Reason);
        Assert.AreEqual("https://api.openai.com/v1/models", resolver.Resolves("GET", "/v1/models", "X-Headroom-Upstream: https://api.openai.com").Uri.OriginalString);
    }

    [TestMethod]
    public void A_refusal_names_the_setting_in_its_clients_dialect()
    {
        var decision = OnlyOpenAI.Explain("POST", "/v1/messages", ResolverAssert.Headers("x-api-key: k")).Decision;

        Assert.Contains("Headroom:Providers:Anthropic:Enabled", decision.Refusal!.Message);
        Assert.AreEqual(Dialect.Anthropic, decision.Dialect);
    }

    private static UpstreamResolver Without(params string[] providers)
    {
        var options = new HeadroomOptions();
        foreach (var name in providers)
        {
            options.Providers[name] = new ProviderOptions { Enabled = false };
        }

        return UpstreamResolver.Create(options);
    }
}
