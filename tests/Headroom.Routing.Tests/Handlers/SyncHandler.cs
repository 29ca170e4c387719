using System.Net;

namespace Headroom.Routing.Tests.Handlers;

/// <summary>The end of a pipeline that is called without <c>async</c>, which MockHttp is not made for.</summary>
internal sealed class SyncHandler : HttpMessageHandler
{
    public List<HttpRequestMessage> Requests { get; } = [];

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        return new HttpResponseMessage(HttpStatusCode.OK);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Called asynchronously.");
}
