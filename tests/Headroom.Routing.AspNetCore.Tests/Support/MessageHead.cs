namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>The head of an HTTP/1.1 message: start line and headers in the order, spelling and repetition in which they were sent.</summary>
internal sealed class MessageHead
{
    private MessageHead(string text, string startLine, IReadOnlyList<(string Name, string Value)> headers)
    {
        Text = text;
        StartLine = startLine;
        Headers = headers;
    }

    /// <summary>Every byte of the head, the closing empty line included.</summary>
    public string Text { get; }

    public string StartLine { get; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; }

    /// <summary>Null when the peer finished sending instead of beginning a message.</summary>
    public static async Task<MessageHead?> ReadAsync(Wire wire, bool idle = false) =>
        await wire.ReadThroughAsync("\r\n\r\n", idle) is { } text ? Parse(text) : null;

    public static MessageHead Parse(string text)
    {
        var lines = text[..^4].Split("\r\n");
        return new MessageHead(text, lines[0], [.. lines.Skip(1).Select(Field)]);
    }

    /// <summary>All values of a header, named in any case.</summary>
    public IReadOnlyList<string> Values(string name) =>
        [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    private static (string Name, string Value) Field(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? (line[..colon], line[(colon + 1)..].Trim(' ', '\t')) : throw new InvalidDataException($"Not a header line: '{line}'.");
    }
}
