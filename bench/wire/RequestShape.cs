using System.Net;

namespace Headroom.Routing.Wire;

/// <summary>The request that a load repeats.</summary>
internal sealed record RequestShape(string Method, string PathAndQuery, int BodyLength)
{
    internal HttpRequestMessage Create(Target target)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(Method), new Uri(target.Address, PathAndQuery));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer sk-bench");
        request.Headers.TryAddWithoutValidation("X-Headroom-Upstream", target.Override);

        if (BodyLength > 0)
        {
            request.Content = new Filler(BodyLength);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        return request;
    }

    /// <summary>A body of any length that needs no memory.</summary>
    private sealed class Filler(int length) : HttpContent
    {
        private static readonly byte[] Block = Enumerable.Repeat((byte)'x', 64 * 1024).ToArray();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            for (var left = length; left > 0; left -= Block.Length)
            {
                await stream.WriteAsync(Block.AsMemory(0, Math.Min(left, Block.Length)), cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
