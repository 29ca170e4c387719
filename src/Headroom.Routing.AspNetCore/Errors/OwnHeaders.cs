using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Errors;

/// <summary>
/// The response headers that the app itself had set before an upstream was asked, such as a request id. An error keeps them and
/// drops what came with the upstream's answer.
/// </summary>
internal readonly struct OwnHeaders
{
    private readonly KeyValuePair<string, StringValues>[]? _headers;

    private OwnHeaders(KeyValuePair<string, StringValues>[] headers) => _headers = headers;

    internal static OwnHeaders Of(HttpResponse response) => response.Headers.Count == 0 ? default : new([.. response.Headers]);

    /// <summary>Puts the response back to what it was before. The forwarder itself clears it after some errors.</summary>
    internal void Restore(HttpResponse response)
    {
        response.Clear();
        foreach (var (name, values) in _headers ?? [])
        {
            response.Headers[name] = values;
        }
    }
}
