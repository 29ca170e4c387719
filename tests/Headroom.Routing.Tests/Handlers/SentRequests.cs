using System.Net;
using RichardSzalay.MockHttp;

namespace Headroom.Routing.Tests.Handlers;

/// <summary>What left through a MockHttp handler that answers everything with 200.</summary>
internal sealed class SentRequests : IDisposable
{
    private readonly List<HttpRequestMessage> _requests = [];

    public SentRequests() => Handler.Fallback.Respond(request =>
    {
        _requests.Add(request);
        return new HttpResponseMessage(HttpStatusCode.OK);
    });

    public MockHttpMessageHandler Handler { get; } = new();

    public int Count => _requests.Count;

    public HttpRequestMessage Single => _requests.Single();

    public HttpRequestMessage Last => _requests[^1];

    public void Dispose() => Handler.Dispose();
}
