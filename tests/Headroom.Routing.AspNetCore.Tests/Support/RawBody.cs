using System.Security.Cryptography;
using System.Text;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>A body without its framing. Length and digest are always known, the bytes themselves only of a small body.</summary>
internal sealed class RawBody
{
    private const int MaxKept = 4 * 1024 * 1024;

    private readonly byte[]? _bytes;

    private RawBody(long length, string sha256, byte[]? bytes, StreamEnd end, IReadOnlyList<string> trailers)
    {
        Length = length;
        Sha256 = sha256;
        _bytes = bytes;
        End = end;
        Trailers = trailers;
    }

    public long Length { get; }

    /// <summary>Lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    public StreamEnd End { get; }

    public IReadOnlyList<string> Trailers { get; }

    public ReadOnlyMemory<byte> Bytes => _bytes ?? throw new InvalidOperationException($"A body of {Length} bytes is not kept: compare {nameof(Sha256)}.");

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Reads to the end, whichever end that is: a truncated body is a result, not an exception.</summary>
    /// <param name="body">The body.</param>
    /// <param name="already">What has been taken from the reader before and belongs in front.</param>
    public static async Task<RawBody> ReadAsync(BodyReader body, ReadOnlyMemory<byte> already = default)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var kept = new MemoryStream();
        long length = 0;
        var end = StreamEnd.Clean;
        try
        {
            for (var piece = already.IsEmpty ? await body.ReadAsync() : already; !piece.IsEmpty; piece = await body.ReadAsync())
            {
                length += piece.Length;
                digest.AppendData(piece.Span);
                if (length <= MaxKept)
                {
                    kept.Write(piece.Span);
                }
            }
        }
        catch (EndOfStreamException)
        {
            end = StreamEnd.Truncated;
        }
        catch (IOException)
        {
            end = StreamEnd.Reset;
        }

        return new RawBody(length, Convert.ToHexStringLower(digest.GetHashAndReset()), length <= MaxKept ? kept.ToArray() : null, end, body.Trailers);
    }
}
