using System.Net.Sockets;
using Headroom.Routing.Policy;
using Headroom.Routing.Resolution;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Errors;

/// <summary>
/// An error that the proxy itself makes. Statuses are chosen by what SDKs do with them: they resend 408, 409, 429 and 5xx several times,
/// so those are only for what a retry can cure.
/// </summary>
/// <param name="Status">The status of the response.</param>
/// <param name="Slug">A stable word for programs.</param>
/// <param name="Message">A sentence for the person, without anything of the inside.</param>
/// <param name="ShouldRetry">Whether sending the same request again may help.</param>
/// <param name="Detail">The cause, for the log.</param>
internal sealed record ProxyError(int Status, string Slug, string Message, bool ShouldRetry = false, string? Detail = null)
{
    internal static readonly ProxyError BadTarget = For(Refusal.Invalid("The request target is not a path below this gateway's prefix."));

    internal static readonly ProxyError OriginNotAllowed = new(
        StatusCodes.Status403Forbidden, "origin_not_allowed",
        "Web pages of this origin may not call this gateway. Its operator can list the origin in Headroom:AllowedOrigins.");

    internal static readonly ProxyError BadWebSocketKey = new(
        StatusCodes.Status400BadRequest, "invalid_request", "The Sec-WebSocket-Key header must hold one key of 16 bytes in Base64 (RFC 6455, section 4.1).");

    private const string Unreachable = "upstream_unreachable";
    private const string TimedOut = "upstream_timeout";

    internal static ProxyError For(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.InvalidUpstream => new(StatusCodes.Status400BadRequest, "invalid_upstream", refusal.Message, Detail: refusal.Detail),
        RefusalReason.NoUpstream => new(StatusCodes.Status404NotFound, "no_upstream", refusal.Message, Detail: refusal.Detail),
        _ => new(StatusCodes.Status403Forbidden, "upstream_not_allowed", refusal.Message, Detail: refusal.Detail),
    };

    /// <summary>What to tell of a request that the forwarder could not bring to an answer.</summary>
    /// <param name="error">What the forwarder says.</param>
    /// <param name="exception">What it caught.</param>
    /// <param name="target">Where the request went.</param>
    /// <param name="hadBody">Whether the request has a body, so that some of it may have reached an upstream that was connected to.</param>
    /// <param name="idempotent">Whether the request may be sent twice (RFC 9110, section 9.2.2).</param>
    internal static ProxyError For(ForwarderError error, Exception? exception, UpstreamTarget target, bool hadBody, bool idempotent = false)
    {
        if (BlockedAddressException.TryFind(exception, out var blocked))
        {
            return For(Refusal.NotAllowed(blocked.Address is null ? $"{blocked.Host} is a refused name" : $"{blocked.Host} resolves to {blocked.Address}"));
        }

        // Under a wildcard the answer must not tell which internal names exist.
        if (target.Trust == UpstreamTrust.Public && !UpstreamCatalogue.HoldsOrigin(target.Upstream) && IsUnresolved(exception))
        {
            return For(Refusal.NotAllowed($"{target.Origin}: the name does not resolve"));
        }

        return error switch
        {
            ForwarderError.RequestCreation => new(StatusCodes.Status400BadRequest, "invalid_request", "This kind of request can't be forwarded; of CONNECT, only WebSockets."),
            ForwarderError.UpgradeResponseClient => BadAnswer(error.ToString()),
            ForwarderError.RequestBodyClient => ForClient(exception),
            ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => ForTimeout(exception, hadBody),
            ForwarderError.RequestBodyDestination when IsCancellation(exception) => ForTimeout(exception, hadBody),
            _ => ForConnection(exception, target, idempotent),
        };
    }

    private static ProxyError BadAnswer(string? detail) =>
        new(StatusCodes.Status502BadGateway, Unreachable, "The upstream's answer is not valid HTTP.", Detail: detail);

    private static ProxyError ForClient(Exception? exception)
    {
        var bad = Find<BadHttpRequestException>(exception);
        if (bad?.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return new(
                StatusCodes.Status413PayloadTooLarge, "request_too_large",
                "The request's body is larger than this gateway accepts on this route.");
        }

        return IsCancellation(exception)
            ? ForTimeout(exception, hadBody: true)
            : new(StatusCodes.Status400BadRequest, "invalid_request", "The request's body broke off or is malformed; send it whole.");
    }

    private static ProxyError ForTimeout(Exception? exception, bool hadBody) => Find<TimeoutException>(exception) is not null
        ? new(StatusCodes.Status504GatewayTimeout, TimedOut, "The upstream could not be connected to in time.", ShouldRetry: true, "connect time-out")
        : new(StatusCodes.Status504GatewayTimeout, TimedOut, "The upstream did not answer in time.", ShouldRetry: !hadBody, "idle time-out");

    private static ProxyError ForConnection(Exception? exception, UpstreamTarget target, bool idempotent)
    {
        var failure = Find<HttpRequestException>(exception);
        var ofCaller = target.Choice != UpstreamChoice.Configured;
        var detail = failure?.HttpRequestError.ToString() ?? exception?.GetType().Name;
        switch (failure?.HttpRequestError)
        {
            case HttpRequestError.NameResolutionError when Find<SocketException>(exception)?.SocketErrorCode == SocketError.TryAgain:
                return new(
                    StatusCodes.Status504GatewayTimeout, TimedOut, "The upstream's host name could not be resolved in time.", ShouldRetry: true, detail);
            case HttpRequestError.NameResolutionError:
                return new(StatusOf(ofCaller), Unreachable, "The upstream's host name does not exist; check its spelling.", Detail: detail);
            case HttpRequestError.SecureConnectionError:
                return new(StatusOf(ofCaller), Unreachable, "The upstream's TLS certificate is not valid for its name, or it does not speak TLS.", Detail: detail);
            case HttpRequestError.ProxyTunnelError:
                return new(StatusCodes.Status502BadGateway, Unreachable, "The egress proxy did not connect to the upstream.", Detail: detail);
            case HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.ExtendedConnectNotSupported:
                return BadAnswer(detail);
            case HttpRequestError.ConnectionError:
                return new(
                    StatusCodes.Status502BadGateway, Unreachable, "The upstream could not be connected to.", ShouldRetry: true, WithSocketError(detail, exception));
            default:
                // Unless it is known that nothing of it arrived, the upstream may have begun to act on the request.
                return Find<RequestNotReceivedException>(exception) is not null
                    ? new(
                        StatusCodes.Status502BadGateway, Unreachable, "The upstream closed the connection before it received the request.",
                        ShouldRetry: true, "nothing was received")
                    : new(
                        StatusCodes.Status502BadGateway, Unreachable, "The upstream closed the connection before it answered.",
                        idempotent, WithSocketError(detail, exception));
        }
    }

    private static string? WithSocketError(string? detail, Exception? exception) =>
        Find<SocketException>(exception) is { } socket ? $"{detail}, {socket.SocketErrorCode}" : detail;

    // Nobody resends 424, so that the message is shown at once: the name that the caller chose is at fault.
    private static int StatusOf(bool ofCaller) => ofCaller ? StatusCodes.Status424FailedDependency : StatusCodes.Status502BadGateway;

    // A resolution that took too long comes as a time-out, its cause within it.
    private static bool IsUnresolved(Exception? exception) =>
        Find<HttpRequestException>(exception)?.HttpRequestError == HttpRequestError.NameResolutionError
        || Find<SocketException>(exception)?.SocketErrorCode is SocketError.TryAgain or SocketError.HostNotFound;

    private static bool IsCancellation(Exception? exception) => Find<OperationCanceledException>(exception) is not null;

    private static T? Find<T>(Exception? exception)
        where T : Exception => exception switch
        {
            null => null,
            T found => found,
            AggregateException aggregate => FindAny<T>(aggregate),
            _ => Find<T>(exception.InnerException),
        };

    private static T? FindAny<T>(AggregateException aggregate)
        where T : Exception
    {
        foreach (var inner in aggregate.InnerExceptions)
        {
            if (Find<T>(inner) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
