namespace Headroom.Routing;

/// <summary>
/// Names the upstream of the requests that are sent within it, for SDKs that hide their requests. It applies to clients with <c>AddUpstreamOverride()</c> and
/// to requests that name no upstream themselves.
/// </summary>
/// <remarks>
/// It flows with the code that opened it, across <c>await</c> and into what that code calls, and to nobody else. A request belongs to the scope in which it is
/// sent, so a stream has to be read within the scope: its request is sent when the first piece is asked for. The innermost scope counts.
/// </remarks>
public sealed class UpstreamScope : IDisposable
{
    private static readonly AsyncLocal<UpstreamScope?> Innermost = new();

    private readonly string _upstream;
    private readonly UpstreamScope? _outer;
    private volatile bool _isDisposed;

    /// <summary>Opens a scope, which ends when it is disposed.</summary>
    /// <param name="upstream">What the header <c>X-Headroom-Upstream</c> would hold: a name or a URL.</param>
    /// <exception cref="ArgumentException"><paramref name="upstream"/> is null, empty or white space.</exception>
    public UpstreamScope(string upstream)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(upstream);
        _upstream = upstream;
        _outer = Innermost.Value;
        Innermost.Value = this;
    }

    /// <summary>The upstream of the innermost scope that is still open; <see langword="null"/> outside of all.</summary>
    internal static string? Current
    {
        get
        {
            var scope = Innermost.Value;
            while (scope is { _isDisposed: true })
            {
                scope = scope._outer;
            }

            return scope?._upstream;
        }
    }

    /// <summary>Ends the scope, also for code that it flowed to and that still runs.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (Innermost.Value == this)
        {
            Innermost.Value = _outer;
        }
    }
}
