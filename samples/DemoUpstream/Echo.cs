using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.DemoUpstream;

/// <summary>Answers any method with what arrived, so that one can see what a proxy did to a request.</summary>
internal static class Echo
{
    public static async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;

        await Wire.WriteAsync(context.Response, new JsonObject
        {
            ["method"] = request.Method,
            // The path and query as sent; Request.Path is decoded.
            ["target"] = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            ["protocol"] = request.Protocol,
            ["headers"] = new JsonObject(request.Headers.Select(header => KeyValuePair.Create(
                header.Key, (JsonNode?)new JsonArray([.. header.Value.Select(value => (JsonNode?)value)])))),
            ["bodyLength"] = await LengthAsync(request.Body, context.RequestAborted),
        });
    }

    private static async Task<long> LengthAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        long length = 0;

        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            length += read;
        }

        return length;
    }
}
