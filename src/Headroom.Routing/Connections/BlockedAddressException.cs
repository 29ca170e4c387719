using System.Diagnostics.CodeAnalysis;
using System.Net;
using Headroom.Routing.Connections;
using Headroom.Routing.Policy;

namespace Headroom.Routing;

/// <summary>
/// A destination was refused before anything was sent to it. <see cref="HttpClient"/> wraps it in an
/// <see cref="HttpRequestException"/>: find it there by <see cref="TryFind"/>.
/// </summary>
/// <remarks>
/// The message is the same for all causes, so showing it to a caller reveals nothing about the internal network.
/// <see cref="Host"/> and <see cref="Address"/> are for the log.
/// </remarks>
public sealed class BlockedAddressException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="host">The host that was asked for.</param>
    /// <param name="address">The address that was refused, or null if the host itself was.</param>
    public BlockedAddressException(string host, IPAddress? address = null)
        : base(NotAllowed.Message)
    {
        Host = host;
        Address = address;
    }

    /// <summary>The host that was asked for. Only for the log.</summary>
    public string Host { get; }

    /// <summary>The address that was refused, or null if the host was refused by its name. Only for the log.</summary>
    public IPAddress? Address { get; }

    /// <summary>Finds a refusal in an exception or its inner exceptions.</summary>
    /// <param name="exception">What a request failed with.</param>
    /// <param name="blocked">The refusal, when this returns true.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryFind(Exception? exception, [NotNullWhen(true)] out BlockedAddressException? blocked)
    {
        blocked = NestedExceptions.Find<BlockedAddressException>(exception);
        return blocked is not null;
    }
}
