namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>A request as <see cref="RawUpstream"/> received it.</summary>
internal sealed class RawRequest(MessageHead head)
{
    private RawBody? _body;

    /// <summary>Every byte of the head, one character each.</summary>
    public string HeadText => head.Text;

    public string RequestLine => head.StartLine;

    public string Method => RequestLine[..RequestLine.IndexOf(' ', StringComparison.Ordinal)];

    /// <summary>What stands between method and version, blanks included.</summary>
    public string Target => RequestLine[(Method.Length + 1)..RequestLine.LastIndexOf(' ')];

    public IReadOnlyList<(string Name, string Value)> Headers => head.Headers;

    public RawBody Body
    {
        get => _body ?? throw new InvalidOperationException("The body has not been read yet.");
        set => _body = value;
    }

    public bool HasBody => _body is not null;

    /// <summary>All values of a header, named in any case.</summary>
    public IReadOnlyList<string> Values(string name) => head.Values(name);
}
