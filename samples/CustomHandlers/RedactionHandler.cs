using System.Net;
using System.Text.Json;
using Headroom.Routing;

namespace Headroom.CustomHandlers;

/// <summary>
/// Redacts what is sent to one upstream, and lets nothing through to it that can't be read: WebSockets, bodies that are not JSON, compressed ones. Requests to
/// other upstreams, and all answers, pass as they are.
/// </summary>
/// <param name="upstream">The name of the upstream in <c>Headroom:Upstreams</c>. It counts for callers who spell its URL, too.</param>
internal sealed class RedactionHandler(string upstream) : DelegatingHandler
{
    private const int MaxBody = 32 * 1024 * 1024;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target) && upstream.Equals(target.Name, StringComparison.OrdinalIgnoreCase)
            ? SendRedactedAsync(request, cancellationToken)
            : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendRedactedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Upgrade.Count > 0 || request.Method == HttpMethod.Connect)
        {
            return Refuse(HttpStatusCode.NotImplemented, "This upstream gets no WebSockets, because their messages can't be redacted here.");
        }

        if (request.Content is { } content)
        {
            try
            {
                // The body of a forwarded request can be read only after this.
                await content.LoadIntoBufferAsync(MaxBody, cancellationToken);
                var body = await content.ReadAsByteArrayAsync(cancellationToken);
                if (body.Length > 0)
                {
                    request.Content = WithHeadersOf(content, PromptRedactor.Redact(body));
                }
            }
            catch (HttpRequestException tooLong) when (tooLong.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
            {
                return Refuse(HttpStatusCode.RequestEntityTooLarge, $"Bodies for this upstream may have up to {MaxBody} bytes, because they are redacted here.");
            }
            catch (JsonException)
            {
                return Refuse(HttpStatusCode.UnsupportedMediaType, "This upstream gets JSON alone, because anything else can't be redacted here.");
            }
        }

        return await base.SendAsync(request, cancellationToken);
    }

    private static ByteArrayContent WithHeadersOf(HttpContent content, byte[] body)
    {
        var replaced = new ByteArrayContent(body);
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            // The length is the new body's own.
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                replaced.Headers.TryAddWithoutValidation(name, values);
            }
        }

        return replaced;
    }

    // A handler may answer in the upstream's place.
    private static HttpResponseMessage Refuse(HttpStatusCode status, string message) =>
        new(status) { Content = JsonContent.Create(new { error = new { message, type = "invalid_request_error" } }) };
}
