using System.Net.Http.Headers;

namespace Headroom.Routing;

/// <summary>Removes every control header (<c>x-headroom-*</c>) from an outgoing request, wherever in the pipeline it was added.</summary>
public sealed class HeaderStrippingHandler : DelegatingHandler
{
    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Strip(request);
        return base.Send(request, cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Strip(request);
        return base.SendAsync(request, cancellationToken);
    }

    internal static void Strip(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Strip(request.Headers);
        if (request.Content is { } content)
        {
            Strip(content.Headers);
        }
    }

    private static void Strip(HttpHeaders headers)
    {
        List<string>? names = null;
        foreach (var header in headers.NonValidated)
        {
            if (HeadroomHeaders.IsControl(header.Key))
            {
                (names ??= []).Add(header.Key);
            }
        }

        if (names is null)
        {
            return;
        }

        foreach (var name in names)
        {
            headers.Remove(name);
        }
    }
}
