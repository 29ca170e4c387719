using Headroom.Routing.Handlers;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>Which targets get a key of the operator's, and what of the caller's is left out there.</summary>
[TestClass]
public sealed class OperatorKeyTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions
    {
        Providers =
        {
            ["OpenAI"] = Keyed("https://llm.example/openai/v1"),
            ["Vertex"] = Keyed(null),
            ["ChatGPT"] = Keyed("https://llm.example/chatgpt"),
        },
        Upstreams = { ["azure"] = Keyed("https://one.openai.azure.com/openai/v1"), ["plain"] = "https://llm.example/plain" },
        AllowedUpstreams = { "https://*" },
    });

    [TestMethod]
    [DataRow("POST", "/v1/chat/completions", "", true)]
    [DataRow("POST", "/v1/chat/completions", "X-Headroom-Upstream: azure", true)]
    [DataRow("POST", "/v1/messages", "X-Headroom-Upstream: AZURE", true)]
    [DataRow("POST", "/v1/chat/completions", "x-headroom-base-url: azure", true)]
    [DataRow("POST", "/@azure/chat/completions", "", true)]
    [DataRow("POST", "/upstream/chat/completions", "X-Headroom-Upstream: azure", true)]
    [DataRow("POST", "/v1/chat/completions", "X-Headroom-Upstream: azure; x-headroom-original-path: /openai/v1/x/chat/completions", true)]
    [DataRow("POST", "/v1/projects/p/locations/europe-west1/x:predict", "", true)]
    [DataRow("POST", "/v1/messages", "", false)]
    [DataRow("POST", "/@plain/chat/completions", "", false)]
    [DataRow("POST", "/@openrouter/chat/completions", "", false)]
    [DataRow("POST", "/v1/chat/completions", "X-Headroom-Upstream: https://one.openai.azure.com/openai/v1", false)]
    [DataRow("POST", "/v1/chat/completions", "X-Headroom-Upstream: https://llm.example/openai/v1", false)]
    [DataRow("POST", "/v1/chat/completions", "x-headroom-base-url: https://one.openai.azure.com/openai/v1", false)]
    [DataRow("POST", "/upstream/chat/completions", "X-Headroom-Upstream: https://one.openai.azure.com/openai/v1", false)]
    [DataRow("POST", "/backend-api/codex/responses", "", true)]
    public void It_goes_to_configured_and_named_upstreams_and_to_no_URL(string method, string path, string headers, bool keyed)
    {
        var target = Resolver.Resolves(method, path, headers);

        Assert.AreEqual(keyed, target.HasOperatorKey);
        Assert.AreEqual(keyed, target.KeyFor(target.Uri) is not null);
    }

    [TestMethod]
    [DataRow("/v1/responses")]
    [DataRow("/@azure/v1/responses")]
    [DataRow("/upstream/v1/responses")]
    [DataRow("/backend-api/codex/responses")]
    public void A_login_never_gets_one(string path) =>
        Assert.IsFalse(Resolver.Resolves(
            "POST", path, $"X-Headroom-Upstream: azure; Authorization: Bearer {Jwt.With("""{"https://api.openai.com/auth":{"chatgpt_account_id":"1"}}""")}").HasOperatorKey);

    [TestMethod]
    [DataRow("https://one.openai.azure.com/openai/v1/else", true)]
    [DataRow("https://one.openai.azure.com/openai/v1", true)]
    [DataRow("https://one.openai.azure.com/openai/v1?x=/..", true)]
    [DataRow("HTTPS://ONE.openai.azure.com:443/openai/v1/x", true)]
    [DataRow("https://one.openai.azure.com/openai/v10", false)]
    [DataRow("https://one.openai.azure.com/openai", false)]
    [DataRow("https://one.openai.azure.com/", false)]
    [DataRow("https://one.openai.azure.com/OPENAI/V1/x", false)]
    [DataRow("https://one.openai.azure.com/openai/v1/../x", false)]
    [DataRow("https://one.openai.azure.com/openai/v1/%2e%2e/x", false)]
    [DataRow("https://one.openai.azure.com/openai/v1/..%2fx", false)]
    [DataRow("https://one.openai.azure.com/openai/v1/%252e%252e/x", false)]
    [DataRow("http://one.openai.azure.com/openai/v1/x", false)]
    [DataRow("https://one.openai.azure.com:8443/openai/v1/x", false)]
    [DataRow("https://one.openai.azure.com./openai/v1/x", false)]
    [DataRow("https://two.openai.azure.com/openai/v1/x", false)]
    [DataRow("https://one.openai.azure.com.evil.example/openai/v1/x", false)]
    [DataRow("https://one.openai.azure.com@evil.example/openai/v1/x", false)]
    [DataRow("https://user@one.openai.azure.com/openai/v1/x", false)]
    public void What_counts_is_the_URL_as_it_leaves(string url, bool keyed)
    {
        var target = Resolver.Resolves("POST", "/@azure/chat/completions");

        Assert.AreEqual(keyed, target.KeyFor(new Uri(url)) is not null);
        Assert.AreEqual(keyed, target.KeyFor(new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) is not null);
    }

    [TestMethod]
    [DataRow("", "")]
    [DataRow("?", "?")]
    [DataRow("?a=1&&b=%2F&", "?a=1&&b=%2F&")]
    [DataRow("?key=k", "")]
    [DataRow("?key", "")]
    [DataRow("?a=1&key=k", "?a=1")]
    [DataRow("?key=k&a=1&a=2", "?a=1&a=2")]
    [DataRow("?a=1&KEY=k&b=2&%6bey=k&api-key=k&access_token=k", "?a=1&b=2")]
    [DataRow("?monkey=1&keys=2&a=key", "?monkey=1&keys=2&a=key")]
    public void A_key_in_the_query_is_left_out_and_the_rest_stays(string query, string left)
    {
        Assert.AreEqual("https://one.openai.azure.com/openai/v1/models" + left, Resolver.Resolves("GET", "/@azure/models" + query).Uri.OriginalString);
        Assert.AreEqual("https://llm.example/plain/models" + query, Resolver.Resolves("GET", "/@plain/models" + query).Uri.OriginalString);
    }

    [TestMethod]
    public void An_explanation_tells_that_there_is_one_and_not_what_it_is()
    {
        var steps = Resolver.Explain("POST", "/@azure/chat/completions", ResolverAssert.Headers("")).Steps;

        Assert.Contains("with a key of the operator's", steps.Single(step => step.Name == "upstream").Result);
        Assert.DoesNotContain("S3CRET", string.Join('\n', steps.Select(step => step.Result)));
    }

    [TestMethod]
    [DataRow("", "S3CRET")]
    [DataRow("api key", "S3CRET")]
    [DataRow("api-key:", "S3CRET")]
    [DataRow("Content-Type", "S3CRET")]
    [DataRow("Host", "S3CRET")]
    [DataRow("connection", "S3CRET")]
    [DataRow("Transfer-Encoding", "S3CRET")]
    [DataRow("Proxy-Authorization", "S3CRET")]
    [DataRow("Metadata-Flavor", "S3CRET")]
    [DataRow("X-Headroom-Key", "S3CRET")]
    [DataRow("api-key", "")]
    [DataRow("api-key", " ")]
    [DataRow("api-key", "S3CRET\n")]
    [DataRow("api-key", "S3CRET\r\nX-Other: 1")]
    [DataRow("api-key", "S3CRET\0")]
    [DataRow("api-key", "S3CRET\u200b")]
    [DataRow("api-key", " S3CRET")]
    public void One_that_cannot_be_sent_is_an_error_that_names_its_header_and_not_its_value(string name, string value)
    {
        foreach (var (path, options) in new[]
        {
            ("Headroom:Upstreams:azure", new HeadroomOptions { Upstreams = { ["azure"] = new() { BaseAddress = "https://a.example", Headers = { [name] = value } } } }),
            ("Headroom:Providers:OpenAI", new HeadroomOptions { Providers = { ["OpenAI"] = new() { Headers = { [name] = value } } } }),
        })
        {
            var error = Assert.ThrowsExactly<ArgumentException>(() => UpstreamResolver.Create(options)).Message;
            Assert.Contains($"{path}:Headers:{name}: ", error);
            Assert.DoesNotContain("S3CRET", error);
        }
    }

    [TestMethod]
    public void One_without_a_base_and_callers_without_one_are_errors()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => UpstreamResolver.Create(new HeadroomOptions
        {
            Providers = { ["Bedrock"] = Keyed(null), ["AzureOpenAI"] = new() { Enabled = false, Headers = { ["api-key"] = "k" } } },
            Upstreams = { ["a"] = new() { BaseAddress = "https://a.example", AllowCallers = { "staff" } }, ["b"] = new() { BaseAddress = "https://a.example", Headers = { ["k"] = "v" }, AllowCallers = { " " } } },
        })).Message;

        Assert.Contains("Headroom:Providers:Bedrock:Headers: ", error);
        Assert.Contains("Headroom:Upstreams:a:AllowCallers: ", error);
        Assert.Contains("Headroom:Upstreams:b:AllowCallers:0: ", error);
        Assert.DoesNotContain("AzureOpenAI", error);
    }

    [TestMethod]
    public void Nothing_of_it_is_shown()
    {
        var options = new HeadroomOptions { Upstreams = { ["azure"] = Keyed("https://a.example") } };

        Assert.DoesNotContain("S3CRET", $"{options} {options.Upstreams["azure"]} {Resolver.Resolves("GET", "/@azure/models").Key}");
        Assert.DoesNotContain("S3CRET", System.Text.Json.JsonSerializer.Serialize(options));
    }

    [TestMethod]
    public void A_request_without_one_costs_nothing()
    {
        using var handler = new HttpMessageInvoker(new OperatorKeyHandler { InnerHandler = new Nowhere() });
        using var request = new KeylessRequest(HttpMethod.Get, new Uri("https://a.example"));
        _ = handler.SendAsync(request, CancellationToken.None);

        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = handler.SendAsync(request, CancellationToken.None);
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ProviderOptions Keyed(string? address) =>
        new() { BaseAddress = address, Headers = { ["Authorization"] = "Bearer S3CRET", ["api-key"] = "S3CRET" } };

    private sealed class Nowhere : HttpMessageHandler
    {
        private readonly Task<HttpResponseMessage> _answer = Task.FromResult(new HttpResponseMessage());

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _answer;
    }
}
