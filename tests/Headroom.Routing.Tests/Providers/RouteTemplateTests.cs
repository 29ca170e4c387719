using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Tests.Providers;

[TestClass]
public sealed class RouteTemplateTests
{
    [TestMethod]
    [DataRow("")]
    [DataRow("v1/models")]
    [DataRow("/")]
    [DataRow("/a/")]
    [DataRow("/a//b")]
    [DataRow("/{**rest}/a")]
    [DataRow("/{a")]
    [DataRow("/a}")]
    [DataRow("/{}")]
    [DataRow("/{a-b}")]
    [DataRow("/{a}b")]
    [DataRow("/{a}{b}")]
    [DataRow("/{a}:{b}:{c}")]
    [DataRow("/{{a}}")]
    public void Rejects_a_template_that_is_not_understood(string template) =>
        Assert.Contains($"'{template}'", Assert.ThrowsExactly<FormatException>(() => RouteTemplate.Parse(template)).Message);

    [TestMethod]
    [DataRow("/v1/models", "/v1/models", true)]
    [DataRow("/v1/models", "/V1/Models", true)]
    [DataRow("/v1/models", "/v%31/model%73", true)]
    [DataRow("/v1/models", "/v1/models/", false)]
    [DataRow("/v1/models", "/v1/models/x", false)]
    [DataRow("/v1/models", "/v1", false)]
    [DataRow("/v1/models", "/v1/models2", false)]
    [DataRow("/v1/models", "/v1%2Fmodels", false)]
    [DataRow("/v1/models/{**rest}", "/v1/models", true)]
    [DataRow("/v1/models/{**rest}", "/v1/models/", true)]
    [DataRow("/v1/models/{**rest}", "/v1/models/a/b", true)]
    [DataRow("/v1/models/{**rest}", "/v1/modelsx", false)]
    [DataRow("/x/{id}", "/x/1", true)]
    [DataRow("/x/{id}", "/x/", false)]
    [DataRow("/x/{id}", "/x/%3A%2F", true)]
    [DataRow("/x/{id}/y", "/x//y", false)]
    [DataRow("/{version}/x", "/v1/x", true)]
    [DataRow("/{version}/x", "/v1beta1/x", true)]
    [DataRow("/{version}/x", "/version/x", false)]
    [DataRow("/{version}/x", "/1/x", false)]
    [DataRow("/m/{model}:{name}", "/m/a:b", true)]
    [DataRow("/m/{model}:{name}", "/m/a%3Ab", true)]
    [DataRow("/m/{model}:{name}", "/m/a:b:c", true)]
    [DataRow("/m/{model}:{name}", "/m/:b", false)]
    [DataRow("/m/{model}:{name}", "/m/a:", false)]
    [DataRow("/m/{model}:{name}", "/m/ab", false)]
    [DataRow("/v1internal:{name}", "/v1internal:load", true)]
    [DataRow("/v1internal:{name}", "/V1INTERNAL%3Aload", true)]
    [DataRow("/v1internal:{name}", "/v1internal:", false)]
    [DataRow("/v1internal:{name}", "/xv1internal:load", false)]
    [DataRow("/v1internal:{name}", "/v1internal", false)]
    public void Matches_decoded_segments_without_regard_to_case(string template, string path, bool matches) =>
        Assert.AreEqual(matches, RouteTemplate.Parse(template).Matches(path, out _));

    [TestMethod]
    [DataRow("/m/id/invoke", true)]
    [DataRow("/m/id/INVOKE", true)]
    [DataRow("/m/id/invoke2", false)]
    [DataRow("/m/id/other", false)]
    public void Only_listed_actions_match(string path, bool matches) =>
        Assert.AreEqual(matches, Matches(new ProviderRoute("/m/{id}/{action}") { Actions = ["invoke", "converse"] }, "POST", path));

    [TestMethod]
    [DataRow("POST", true)]
    [DataRow("post", true)]
    [DataRow("GET", false)]
    public void Only_listed_methods_match(string method, bool matches) =>
        Assert.AreEqual(matches, Matches(new ProviderRoute("/m") { Methods = ["POST"] }, method, "/m"));

    [TestMethod]
    [DataRow("/v1/models/{**rest}", "/V1/Models/{**path}", true)]
    [DataRow("/x/{id}/{action}", "/x/{name}/{other}", true)]
    [DataRow("/m/{model}:{action}", "/m/{a}:{b}", true)]
    [DataRow("/x/{id}", "/x/{**id}", false)]
    [DataRow("/x/{id}", "/x/id", false)]
    [DataRow("/x/a{id}", "/x/{id}", false)]
    public void Templates_that_routing_cannot_tell_apart_have_one_shape(string one, string other, bool same) =>
        Assert.AreEqual(same, RouteTemplate.Parse(one).Shape == RouteTemplate.Parse(other).Shape);

    [TestMethod]
    [DataRow("/openai/{**rest}", "/openai", true)]
    [DataRow("/openai/{**rest}", "/openai/x", true)]
    [DataRow("/v1/chat/completions", "/v1/chat", true)]
    [DataRow("/{version}/projects/{p}", "/v1", true)]
    [DataRow("/{version}/projects/{p}", "/upstream", false)]
    [DataRow("/v1/chat/completions", "/v1/chat/completions/x", false)]
    [DataRow("/v1/chat/completions", "/v2", false)]
    public void A_template_overlaps_a_path_that_it_shares_requests_with(string template, string path, bool overlaps) =>
        Assert.AreEqual(overlaps, RouteTemplate.Parse(template).Overlaps(path));

    [TestMethod]
    public void The_value_of_a_parameter_is_the_raw_segment()
    {
        var template = RouteTemplate.Parse("/{version}/projects/{project}/locations/{location}/{**rest}");

        Assert.AreEqual("us%2Dx", template.ValueOf("location", "/v1/projects/p/locations/us%2Dx/rest").ToString());
        Assert.AreEqual("", template.ValueOf("location", "/v1/projects/p").ToString());
    }

    [TestMethod]
    public void Literals_tell_more_than_parameters_and_a_condition_more_than_none()
    {
        var plain = new ProviderRoute("/v1/models/{**rest}");
        string[] ordered = ["/v1/models/x", "/v1/models/{model}:{name}", "/v1/models/{model}", "/v1/models/{**rest}", "/v1/{**rest}", "/{a}/{**rest}"];
        var specificities = ordered.Select(template => RouteTemplate.Parse(template).Specificity).ToArray();

        CollectionAssert.AreEqual(specificities.OrderDescending().Distinct().ToArray(), specificities);
        Assert.IsGreaterThan(Compile(plain).Specificity, Compile(new ProviderRoute(plain.Template) { When = Key }).Specificity);
    }

    private static readonly ProviderCredential Key = new("api-key");

    private static bool Matches(ProviderRoute route, string method, string path) =>
        Compile(route).Matches(new UpstreamRequest(method, path, default), path);

    private static CompiledRoute Compile(ProviderRoute route) =>
        new(new Provider { Name = "Any", Routes = [route] }, route, RouteTemplate.Parse(route.Template), new RequestHeaderReader([(Key, true)]));
}
