using System.Net;

namespace Headroom.Routing.Tests.Connections;

/// <summary>A body that the handler is given in pieces.</summary>
internal sealed class Pieces(params byte[][] pieces) : HttpContent
{
    public bool IsDeclared { get; init; } = true;

    public bool FlushesBetween { get; init; }

    public Action? BetweenPieces { get; init; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var i = 0; i < pieces.Length; i++)
        {
            await stream.WriteAsync(pieces[i]);
            if (i < pieces.Length - 1)
            {
                await (FlushesBetween ? stream.FlushAsync() : Task.CompletedTask);
                BetweenPieces?.Invoke();
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = pieces.Sum(piece => piece.Length);
        return IsDeclared;
    }
}
