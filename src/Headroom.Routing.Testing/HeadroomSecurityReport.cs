namespace Headroom.Routing.Testing;

/// <summary>What <see cref="HeadroomSecuritySweep"/> saw.</summary>
public sealed class HeadroomSecurityReport
{
    private const int Shown = 20;

    internal HeadroomSecurityReport(IReadOnlyList<string> endpoints, int requests, IReadOnlyList<HeadroomSecurityFinding> findings, bool webSocketsTried)
    {
        WebSocketsTried = webSocketsTried;
        Endpoints = endpoints;
        Requests = requests;
        Findings = findings;
    }

    /// <summary>The patterns of the endpoints that were called.</summary>
    public IReadOnlyList<string> Endpoints { get; }

    /// <summary>How many requests were sent.</summary>
    public int Requests { get; }

    /// <summary>Whether the endpoints were also called as WebSockets: always over sockets, never in a <c>TestServer</c>, whose client cannot upgrade a request.</summary>
    public bool WebSocketsTried { get; }

    /// <summary>What must not happen but did. An empty list is good.</summary>
    public IReadOnlyList<HeadroomSecurityFinding> Findings { get; }

    /// <summary>Throws an exception with the findings as its message, which fails a test in any framework.</summary>
    /// <exception cref="InvalidOperationException">There are findings.</exception>
    public void ThrowIfUnsafe()
    {
        if (Findings.Count > 0)
        {
            throw new InvalidOperationException(ToString());
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var rest = Findings.Count > Shown ? $"{Environment.NewLine}... and {Findings.Count - Shown} more" : "";
        return $"{Requests} requests to {Endpoints.Count} endpoints, {Findings.Count} findings{(WebSocketsTried ? "" : "; no WebSocket was tried, because the app listens on no socket")}"
            + string.Concat(Findings.Take(Shown).Select(finding => $"{Environment.NewLine}{finding}")) + rest;
    }
}
