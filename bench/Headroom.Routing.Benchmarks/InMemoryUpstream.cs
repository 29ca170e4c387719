namespace Headroom.Routing.Benchmarks;

/// <summary>In the network's place: reads the body and answers at once.</summary>
internal sealed class InMemoryUpstream(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            await content.CopyToAsync(Stream.Null, cancellationToken);
        }

        return answer(request);
    }
}
