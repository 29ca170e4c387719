using System.Net;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

[TestClass]
public sealed class Http2OrLowerHandlerTests
{
    [TestMethod]
    [DataRow("1.1", HttpVersionPolicy.RequestVersionOrLower, "1.1", HttpVersionPolicy.RequestVersionOrLower)]
    [DataRow("1.1", HttpVersionPolicy.RequestVersionExact, "1.1", HttpVersionPolicy.RequestVersionExact)]
    [DataRow("1.1", HttpVersionPolicy.RequestVersionOrHigher, "2.0", HttpVersionPolicy.RequestVersionOrLower)]
    [DataRow("2.0", HttpVersionPolicy.RequestVersionOrLower, "2.0", HttpVersionPolicy.RequestVersionOrLower)]
    [DataRow("2.0", HttpVersionPolicy.RequestVersionExact, "2.0", HttpVersionPolicy.RequestVersionExact)]
    [DataRow("2.0", HttpVersionPolicy.RequestVersionOrHigher, "2.0", HttpVersionPolicy.RequestVersionExact)]
    [DataRow("3.0", HttpVersionPolicy.RequestVersionOrLower, "2.0", HttpVersionPolicy.RequestVersionOrLower)]
    [DataRow("3.0", HttpVersionPolicy.RequestVersionExact, "2.0", HttpVersionPolicy.RequestVersionExact)]
    [DataRow("3.0", HttpVersionPolicy.RequestVersionOrHigher, "2.0", HttpVersionPolicy.RequestVersionExact)]
    public async Task Keeps_requests_off_HTTP_3(string version, HttpVersionPolicy policy, string cappedVersion, HttpVersionPolicy cappedPolicy)
    {
        using var invoker = new HttpMessageInvoker(new Http2OrLowerHandler { InnerHandler = new Answering() });

        foreach (var synchronous in new[] { true, false })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "https://api.example.com/")
            {
                Version = Version.Parse(version),
                VersionPolicy = policy,
            };

            using var response = synchronous ? invoker.Send(request, default) : await invoker.SendAsync(request, default);

            Assert.AreEqual(Version.Parse(cappedVersion), request.Version);
            Assert.AreEqual(cappedPolicy, request.VersionPolicy);
        }
    }

    private sealed class Answering : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            new(HttpStatusCode.OK);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}
