using System.Globalization;
using System.Text;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>A response as <see cref="RawClient"/> receives it, the body piece by piece.</summary>
internal sealed class RawResponse
{
    private readonly MessageHead _head;
    private readonly BodyReader _body;
    private byte[] _pending = [];

    public RawResponse(Wire wire, MessageHead head, bool toHead)
    {
        _head = head;
        Status = int.Parse(head.StartLine.Split(' ')[1], NumberStyles.None, CultureInfo.InvariantCulture);
        _body = BodyReader.OfResponse(wire, head, Status, toHead);
    }

    public int Status { get; }

    /// <summary>Every byte of the head, one character each.</summary>
    public string HeadText => _head.Text;

    public IReadOnlyList<(string Name, string Value)> Headers => _head.Headers;

    /// <summary>All values of a header, named in any case.</summary>
    public IReadOnlyList<string> Values(string name) => _head.Values(name);

    /// <summary>Exactly the next <paramref name="count"/> bytes of the body.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        while (_pending.Length < count)
        {
            if (!await FillAsync())
            {
                throw new EndOfStreamException($"The body ended {count - _pending.Length} bytes early.");
            }
        }

        return Take(count);
    }

    /// <summary>The next server-sent event with the blank line that closes it; null at the clean end of the body.</summary>
    /// <exception cref="IOException">The connection was broken off.</exception>
    public async Task<string?> ReadEventAsync()
    {
        while (true)
        {
            var at = _pending.AsSpan().IndexOf("\n\n"u8);
            if (at >= 0)
            {
                return Encoding.UTF8.GetString(Take(at + 2));
            }

            if (!await FillAsync())
            {
                return _pending.Length == 0 ? null : throw new InvalidDataException($"The body ended within an event: '{Octets.Text(_pending)}'.");
            }
        }
    }

    /// <summary>The rest of the body; its <see cref="RawBody.End"/> tells a clean end from an abort.</summary>
    public Task<RawBody> ReadToEndAsync() => RawBody.ReadAsync(_body, Take(_pending.Length));

    private async Task<bool> FillAsync()
    {
        var piece = await _body.ReadAsync();
        _pending = [.. _pending, .. piece.Span];
        return !piece.IsEmpty;
    }

    private byte[] Take(int count)
    {
        var taken = _pending[..count];
        _pending = _pending[count..];
        return taken;
    }
}
