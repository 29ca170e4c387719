namespace Headroom.Routing.Tests.Providers;

/// <summary>A provider that can't work stops the start, and the message says what to change.</summary>
[TestClass]
public sealed class ProviderCheckTests
{
    [TestMethod]
    public void The_same_provider_may_not_be_added_twice()
    {
        var acme = new Provider { Name = "Acme", BaseAddress = "https://api.acme.example", Routes = [new("/acme/{**rest}")] };

        AssertRefused("more than one provider called 'Acme'", acme, acme);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow("a:b")]
    public void A_name_is_a_configuration_key(string name) =>
        AssertRefused("configuration key", new Provider { Name = name, Routes = [new("/acme")] });

    [TestMethod]
    [DataRow("v1")]
    [DataRow("/v1/")]
    [DataRow("/")]
    [DataRow("/v1?x")]
    [DataRow("/../v1")]
    [DataRow("/v 1")]
    public void What_is_put_in_front_is_a_path(string prepend) =>
        AssertRefused($"Prepend '{prepend}'", new Provider { Name = "Acme", Routes = [new("/acme") { Prepend = prepend }] });

    [TestMethod]
    [DataRow("https://acme.example", "{0}")]
    [DataRow("{0}.acme.example", "can't be used")]
    [DataRow("https://{0}.acme.example:0", "can't be used")]
    public void A_regional_base_is_a_url_that_holds_the_location(string template, string part) =>
        AssertRefused(part, Regional(template));

    [TestMethod]
    public void An_exception_to_a_regional_base_is_a_url_too() =>
        AssertRefused("acme.example/global", Regional("https://{0}.acme.example", exception: "acme.example/global"));

    [TestMethod]
    public void Some_route_has_the_parameter_of_the_region() =>
        AssertRefused("'place'", Regional("https://{0}.acme.example", parameter: "place"));

    [TestMethod]
    [DataRow("/@acme/{**rest}")]
    [DataRow("/@{name}")]
    public void A_route_does_not_start_as_named_paths_do(string template) =>
        AssertRefused(template, new Provider { Name = "Acme", Routes = [new(template)] });

    [TestMethod]
    public void Credentials_can_be_told_apart()
    {
        var credentials = Enumerable.Range(0, 70).Select(number => new ProviderCredential($"x-key-{number}")).ToArray();

        AssertRefused("different credentials", new Provider { Name = "Acme", Credentials = credentials, Routes = [new("/acme")] });
    }

    [TestMethod]
    public void A_route_without_the_location_needs_a_base_of_its_own()
    {
        var provider = Regional("https://{0}.acme.example", routes: [new("/acme/{location}/x"), new("/acme/y")]);
        var resolver = UpstreamResolver.Create(new HeadroomOptions(), [provider]);

        Assert.IsTrue(resolver.TryResolve("GET", "/acme/eu/x", new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(), out var target, out _));
        Assert.AreEqual("https://eu.acme.example/acme/eu/x", target.Uri.OriginalString);
        Assert.IsFalse(resolver.TryResolve("GET", "/acme/y", new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(), out _, out var refusal));
        Assert.AreEqual(RefusalReason.NoUpstream, refusal.Reason);
    }

    [TestMethod]
    [DataRow("/openai", "AzureOpenAI")]
    [DataRow("/v1", "OpenAI")]
    [DataRow("/V1/anything", "OpenAI")]
    [DataRow("/v1beta/models", "Gemini")]
    [DataRow("/model", "Bedrock")]
    [DataRow("/projects/p", "Vertex")]
    public void A_mount_that_a_route_owns_stops_the_start(string mount, string owner)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => UpstreamResolver.Create(new HeadroomOptions { VerbatimMount = mount }));

        Assert.Contains("Headroom:VerbatimMount", error.Message);
        Assert.Contains(owner, error.Message);
    }

    private static Provider Regional(string template, string parameter = "location", string? exception = null, params ProviderRoute[] routes) => new()
    {
        Name = "Acme",
        Region = new RegionalBaseAddress(parameter, template)
        {
            Exceptions = exception is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["global"] = exception },
        },
        Routes = routes.Length > 0 ? routes : [new("/acme/{location}/{**rest}")],
    };

    private static void AssertRefused(string part, params Provider[] providers) =>
        Assert.Contains(part, Assert.ThrowsExactly<ArgumentException>(() => UpstreamResolver.Create(new HeadroomOptions(), providers)).Message);
}
