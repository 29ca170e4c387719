using System.Net;
using System.Net.Sockets;
using Headroom.Routing.Policy;

namespace Headroom.Routing.Connections;

/// <summary>
/// Opens connections for a <see cref="SocketsHttpHandler"/> and judges every address first. A name is resolved once and
/// only the addresses that were judged are dialed, so a name that changes its answer between check and dial gains nothing.
/// </summary>
/// <remarks>
/// The handler uses the name, not the address, for TLS and the <c>Host</c> header. Where a proxy is in use, the guard sees only the proxy, and it sees
/// nothing of HTTP/3. Turn both off for destinations that a caller chose.
/// </remarks>
internal sealed class GuardedConnect
{
    // NATs drop silent connections after four to five minutes, and a model may think for longer.
    private const int KeepAliveSeconds = 30;

    private readonly IHostResolver _resolver;

    /// <summary>Creates a guard.</summary>
    /// <param name="trust">The rule for all connections of this guard; pooled connections must not cross rules.</param>
    /// <param name="resolver">Resolves the names.</param>
    /// <exception cref="ArgumentNullException"><paramref name="resolver"/> is null.</exception>
    public GuardedConnect(UpstreamTrust trust, IHostResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        Trust = trust;
        _resolver = resolver;
    }

    /// <summary>The rule that addresses are judged by.</summary>
    public UpstreamTrust Trust { get; }

    /// <summary>Connects, as a <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="context">What to connect to.</param>
    /// <param name="cancellationToken">Ends the attempt, also while a name is being resolved.</param>
    /// <returns>The connected stream, which owns its socket.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    /// <exception cref="BlockedAddressException">The host, or one of its addresses, is not allowed; nothing was dialed.</exception>
    /// <exception cref="SocketException">The name could not be resolved, or the last address could not be reached.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was canceled; while a public name is being resolved, that is a <see cref="SocketException"/>.
    /// </exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);

        var endPoint = context.DnsEndPoint;
        var addresses = await JudgeAsync(endPoint.Host, cancellationToken).ConfigureAwait(false);
        ThrowIfBlocked(endPoint.Host, addresses);

        for (var i = 0; ; i++)
        {
            try
            {
                return await DialAsync(addresses[i].Address, endPoint.Port, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException) when (i < addresses.Length - 1)
            {
                // The next address may answer. If the last one fails too, its failure is thrown.
            }
        }
    }

    /// <summary>Finds the addresses of a host, in the order in which they are dialed, and judges each of them. A refused name is not resolved.</summary>
    /// <inheritdoc cref="ConnectAsync"/>
    internal async ValueTask<JudgedAddress[]> JudgeAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            // An operator who wants a link-local address writes it as a literal; no name may lead there.
            return [new(literal, Trust == UpstreamTrust.Operator || (AddressRules.IsPublic(literal) && !HasZone(host)))];
        }

        if (Trust != UpstreamTrust.Operator && (HasZone(host) || RefusedNames.IsRefused(host)))
        {
            throw new BlockedAddressException(host);
        }

        var addresses = await ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(addresses, address => new JudgedAddress(address, IsAllowed(address)));
    }

    /// <summary>Refuses a host of which a single address is not allowed.</summary>
    /// <exception cref="BlockedAddressException">One is not.</exception>
    internal static void ThrowIfBlocked(string host, JudgedAddress[] addresses)
    {
        foreach (var (address, isAllowed) in addresses)
        {
            if (!isAllowed)
            {
                throw new BlockedAddressException(host, address);
            }
        }
    }

    private bool IsAllowed(IPAddress address) => Trust == UpstreamTrust.Operator
        ? !AddressRules.IsLinkLocalOrMetadata(address)
        : AddressRules.IsPublic(address);

    // IPAddress forgets a zone id of zero, and does not parse one that names an unknown interface.
    private static bool HasZone(string host) => host.Contains('%', StringComparison.Ordinal);

    private async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            // WaitAsync: a resolver that ignores its token must not outlive the connect timeout.
            var addresses = await _resolver.ResolveAsync(host, cancellationToken)
                .AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return addresses is { Length: > 0 } ? addresses : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (OperationCanceledException) when (Trust == UpstreamTrust.Public && cancellationToken.IsCancellationRequested)
        {
            // An internal name whose server hangs must look to the caller like one that does not exist.
            throw new SocketException((int)SocketError.TryAgain);
        }
        catch (SocketException failure) when (failure.SocketErrorCode is not (SocketError.HostNotFound or SocketError.TryAgain))
        {
            // The handler reports only these two as HttpRequestError.NameResolutionError; a resolver whose server
            // refused it must not look like an upstream that did.
            throw new SocketException((int)SocketError.HostNotFound, failure.Message);
        }
    }

    private static async ValueTask<Stream> DialAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // An IPv6 socket does not reach IPv4-mapped addresses.
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
