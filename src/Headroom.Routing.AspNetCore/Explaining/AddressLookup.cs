using System.Net.Sockets;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Explaining;

/// <summary>Resolves a target's name and judges its addresses as a connection to it does, without connecting.</summary>
/// <param name="resolver">Resolves names.</param>
/// <param name="timeout">How long that may take.</param>
internal sealed class AddressLookup(IHostResolver resolver, TimeSpan timeout)
{
    /// <summary>Adds the addresses to an explanation and, if the request could not go there, the refusal that it would get.</summary>
    internal async ValueTask ExplainAsync(HeadroomExplanation explanation, UpstreamTarget target, bool isProxied, CancellationToken cancellationToken)
    {
        if (isProxied)
        {
            explanation.Add("addresses", "Not looked up: the egress proxy resolves the name.");
            return;
        }

        var host = target.Uri.IdnHost;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            var addresses = await new GuardedConnect(target.Trust, resolver).JudgeAsync(host, limit.Token).ConfigureAwait(false);
            explanation.AddAddresses(addresses);
            GuardedConnect.ThrowIfBlocked(host, addresses);
        }
        catch (BlockedAddressException blocked)
        {
            explanation.Refuse(ErrorOf(ForwarderError.Request, blocked, target));
        }
        catch (Exception late) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            explanation.Add("addresses", $"{host} did not resolve within {timeout:g}.");
            explanation.Refuse(ErrorOf(ForwarderError.RequestTimedOut, new TimeoutException(null, late), target));
        }
        catch (SocketException unresolved)
        {
            explanation.Add("addresses", $"{host} does not resolve ({unresolved.SocketErrorCode}).");
            explanation.Refuse(ErrorOf(ForwarderError.Request, new HttpRequestException(HttpRequestError.NameResolutionError, null, unresolved), target));
        }
    }

    // As the forwarder reports it, with the exceptions that the clients' handler makes of a failed connection.
    private static ProxyError ErrorOf(ForwarderError error, Exception exception, UpstreamTarget target) =>
        ProxyError.For(error, exception, target, hadBody: false, idempotent: false);
}
