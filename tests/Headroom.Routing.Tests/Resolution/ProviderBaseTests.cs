namespace Headroom.Routing.Tests.Resolution;

/// <summary>Where requests without an override go.</summary>
[TestClass]
public sealed class ProviderBaseTests
{
    private static readonly UpstreamResolver Defaults = UpstreamResolver.Create(new HeadroomOptions());

    private static readonly Provider Acme = new()
    {
        Name = "Acme",
        BaseAddress = "https://api.acme.example/v1",
        BaseAddressVariable = "ACME_TARGET_API_URL",
        Credentials = [new("x-acme-key")],
        Routes = [new("/acme/{**rest}"), new("/v1/models/{**rest}") { Shared = true }],
    };

    [TestMethod]
    [DataRow("europe-west1", "europe-west1-aiplatform.googleapis.com")]
    [DataRow("us-central1", "us-central1-aiplatform.googleapis.com")]
    [DataRow("global", "aiplatform.googleapis.com")]
    [DataRow("us", "aiplatform.us.rep.googleapis.com")]
    [DataRow("eu", "aiplatform.eu.rep.googleapis.com")]
    public void Vertex_follows_the_location_in_the_path(string location, string host)
    {
        var rest = $"/projects/p/locations/{location}/publishers/google/models/m:generateContent?alt=sse";

        Assert.AreEqual($"https://{host}/v1{rest}", Defaults.Resolves("POST", "/v1" + rest).Uri.OriginalString);
        Assert.AreEqual($"https://{host}/v1beta1{rest}", Defaults.Resolves("POST", "/v1beta1" + rest).Uri.OriginalString);
        Assert.AreEqual($"https://{host}/v1{rest}", Defaults.Resolves("POST", rest).Uri.OriginalString);
    }

    [TestMethod]
    [DataRow("//v1/projects/p/locations/us-central1/models/m:predict", "https://us-central1-aiplatform.googleapis.com//v1/projects/p/locations/us-central1/models/m:predict")]
    public void A_slash_too_many_in_front_does_not_move_the_location(string path, string url) =>
        Assert.AreEqual(url, Defaults.Resolves("POST", path).Uri.OriginalString);

    [TestMethod]
    [DataRow("US-central1")]
    [DataRow("us--central1")]
    [DataRow("-us")]
    [DataRow("us-")]
    [DataRow("us.central1")]
    [DataRow("us%2Dcentral1")]
    [DataRow("169.254.169.254%23")]
    [DataRow("evil.example%2F")]
    [DataRow("us@evil")]
    [DataRow("us:80")]
    public void A_location_that_is_none_forms_no_host(string location) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Defaults.Refuses("POST", $"/v1/projects/p/locations/{location}/models/m:predict").Reason);

    [TestMethod]
    public void A_configured_base_goes_before_the_region()
    {
        var resolver = With("Vertex", "https://vertex.mycorp.example/gw/");

        Assert.AreEqual(
            "https://vertex.mycorp.example/gw/v1/projects/p/locations/EU/models/m:predict",
            resolver.Resolves("POST", "/projects/p/locations/EU/models/m:predict").Uri.OriginalString);
    }

    [TestMethod]
    [DataRow("AzureOpenAI", "/openai/deployments/d/chat/completions?api-version=1", "")]
    [DataRow("AzureOpenAI", "/v1/chat/completions", "api-key: k")]
    [DataRow("Bedrock", "/model/m%3A0/converse", "")]
    public void A_provider_without_an_address_needs_one_configured(string provider, string path, string headers)
    {
        var refusal = Defaults.Refuses("POST", path, headers);

        Assert.AreEqual(RefusalReason.NoUpstream, refusal.Reason);
        Assert.Contains($"Headroom:Providers:{provider}:BaseAddress", refusal.Message);
        Assert.AreEqual("http://10.0.0.7:8080" + path, With(provider, "http://10.0.0.7:8080").Resolves("POST", path, headers).Uri.OriginalString);
        Assert.AreEqual("https://api.deepseek.com" + path, Defaults.Resolves("POST", path, headers + (headers.Length > 0 ? "; " : "") + "X-Headroom-Upstream: https://api.deepseek.com").Uri.OriginalString);
    }

    [TestMethod]
    [DataRow("https://gw.example/openai/v1/", "https://gw.example/openai/v1/chat/completions")]
    [DataRow("https://gw.example/api/paas/v4", "https://gw.example/api/paas/v4/chat/completions")]
    [DataRow("HTTP://GW.Example:80", "http://gw.example/v1/chat/completions")]
    [DataRow(" ", "https://api.openai.com/v1/chat/completions")]
    public void A_configured_base_is_joined_like_an_override(string address, string url)
    {
        var target = With("openai", address).Resolves("POST", "/v1/chat/completions");

        Assert.AreEqual(url, target.Uri.OriginalString);
        Assert.AreEqual(UpstreamChoice.Configured, target.Choice);
    }

    [TestMethod]
    [DataRow("/acme/things?q=%2F", "", "https://api.acme.example/acme/things?q=%2F")]
    [DataRow("/v1/models", "x-acme-key: k", "https://api.acme.example/v1/models")]
    [DataRow("/v1/models", "x-acme-key: k; anthropic-version: 2023-06-01; x-goog-api-key: k", "https://api.acme.example/v1/models")]
    [DataRow("/elsewhere", "x-acme-key: k", "https://api.acme.example/elsewhere")]
    [DataRow("/v1/models", "Authorization: Bearer sk-x", "https://api.openai.com/v1/models")]
    public void A_provider_of_ones_own_is_routed_by_its_paths_and_credentials(string path, string headers, string url) =>
        Assert.AreEqual(url, UpstreamResolver.Create(new HeadroomOptions(), [Acme]).Resolves("GET", path, headers).Uri.OriginalString);

    [TestMethod]
    public void A_provider_of_ones_own_is_configured_like_the_others()
    {
        var options = new HeadroomOptions { Providers = { ["ACME"] = new() { BaseAddress = "http://127.0.0.1:9" } } };

        Assert.AreEqual("http://127.0.0.1:9/acme/x", UpstreamResolver.Create(options, [Acme]).Resolves("GET", "/acme/x").Uri.OriginalString);
    }

    [TestMethod]
    public void Faults_are_listed_together_each_under_its_key()
    {
        var options = new HeadroomOptions
        {
            Providers = { ["OpenAI"] = new() { BaseAddress = "api.openai.com" }, ["Nobody"] = new() },
            Upstreams = { ["1st"] = "https://a.example", ["b"] = "ftp://b.example" },
            AllowedUpstreams = { "https://ok.example", "https://*.local" },
            VerbatimMount = "/{x}",
        };
        var broken = new Provider { Name = "openai", Routes = [new("no-slash")] };

        var fault = Assert.ThrowsExactly<ArgumentException>(() => UpstreamResolver.Create(options, [broken]));

        foreach (var part in new[]
        {
            "Headroom:Providers:OpenAI:BaseAddress (or OPENAI_TARGET_API_URL)", "Headroom:Providers:Nobody", "Headroom:Upstreams:1st", "Headroom:Upstreams:b",
            "Headroom:AllowedUpstreams:1", "Headroom:VerbatimMount", "more than one provider called 'OpenAI'", "'no-slash'",
        })
        {
            Assert.Contains(part, fault.Message);
        }
    }

    private static UpstreamResolver With(string provider, string address) =>
        UpstreamResolver.Create(new HeadroomOptions { Providers = { [provider] = new() { BaseAddress = address } } });
}
