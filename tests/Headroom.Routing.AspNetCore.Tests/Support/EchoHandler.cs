using System.Net;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>Stands for all upstreams at once: nothing leaves the machine, and the answer tells what would have been sent.</summary>
internal sealed class EchoHandler : HttpMessageHandler
{
    /// <summary>The response header that tells the URL, to the byte.</summary>
    public const string Url = "x-echo-url";

    /// <summary>The response header that tells the provider.</summary>
    public const string Provider = "x-echo-provider";

    /// <summary>The response header that tells who chose the upstream.</summary>
    public const string Choice = "x-echo-choice";

    private int _count;

    public int Count => _count;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        Assert.IsTrue(request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target));
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Headers = { { Url, request.RequestUri!.OriginalString }, { Provider, target.Provider?.Name ?? "" }, { Choice, target.Choice.ToString() } },
            Content = new StringContent("echo"),
        });
    }
}
