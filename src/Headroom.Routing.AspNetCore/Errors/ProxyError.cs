using System.Net.Sockets;
using System.Security.Authentication;
using Headroom.Routing.Connections;
using Headroom.Routing.Policy;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

using static Headroom.Routing.Connections.NestedExceptions;

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
/// <param name="Kind">What failed on the way to the upstream or there, for metrics; <see langword="null"/> if it is not the upstream that failed.</param>
internal sealed record ProxyError(int Status, string Slug, string Message, bool ShouldRetry = false, string? Detail = null, string? Kind = null)
{
    internal static readonly ProxyError OriginNotAllowed = new(
        StatusCodes.Status403Forbidden, "origin_not_allowed",
        "Web pages of this origin may not call this gateway. Its operator can list the origin in Headroom:AllowedOrigins.");

    internal static readonly ProxyError TokenSentAsKey = new(
        StatusCodes.Status403Forbidden, "gateway_token",
        $"The token for this gateway stands where the provider's key belongs, and it is not sent on. Send it in the {HeadroomHeaders.ProxyToken} header and the provider's key in its place.");

    internal static readonly ProxyError BadWebSocketKey = new(
        StatusCodes.Status400BadRequest, "invalid_request", "The Sec-WebSocket-Key header must hold one key of 16 bytes in Base64 (RFC 6455, section 4.1).");

    /// <summary>The app's own code failed, such as a handler that it added to the clients. The cause is for the log alone.</summary>
    internal static readonly ProxyError OfTheApp = new(
        StatusCodes.Status500InternalServerError, "gateway_error",
        "This gateway failed before the upstream could answer; its operator finds the cause in its log.", Detail: "an exception of the app's own code");

    private static readonly ProxyError TooLarge = new(
        StatusCodes.Status413PayloadTooLarge, "request_too_large", "The request's body is larger than this gateway accepts on this route.");

    private const string Unreachable = "upstream_unreachable";
    private const string TimedOut = "upstream_timeout";

    internal static ProxyError For(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.InvalidUpstream => new(StatusCodes.Status400BadRequest, "invalid_upstream", refusal.Message, Detail: refusal.Detail),
        RefusalReason.NoUpstream => new(StatusCodes.Status404NotFound, "no_upstream", refusal.Message, Detail: refusal.Detail),
        _ => new(StatusCodes.Status403Forbidden, "upstream_not_allowed", NotAllowed.GatewayMessage, Detail: refusal.Detail),
    };

    /// <summary>What to tell of a request that the app's own middleware refused with a status alone.</summary>
    internal static ProxyError ForApp(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new(status, "unauthorized", "This gateway asks its callers to authenticate, and this request has no valid credentials for it. Its operator can tell how."),
        StatusCodes.Status403Forbidden => new(status, "forbidden", "The sender of this request may not use this route of the gateway. Its operator can tell who may."),
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status429TooManyRequests => new(status, "rate_limited", "This gateway's rate limit is reached. Try again later.", ShouldRetry: true),
        StatusCodes.Status503ServiceUnavailable => new(status, "gateway_busy", "This gateway takes no more requests for now. Try again later.", ShouldRetry: true),
        < StatusCodes.Status500InternalServerError => new(status, "invalid_request", $"This gateway refused the request with the status {status}."),
        _ => OfTheApp with { Status = status },
    };

    /// <summary>What to tell of a request that the forwarder could not bring to an answer.</summary>
    /// <param name="error">What the forwarder says.</param>
    /// <param name="exception">What it caught.</param>
    /// <param name="target">Where the request went.</param>
    /// <param name="hadBody">Whether the request has a body, so that some of it may have reached an upstream that was connected to.</param>
    /// <param name="idempotent">Whether the request may be sent twice (RFC 9110, section 9.2.2).</param>
    internal static ProxyError For(ForwarderError error, Exception? exception, UpstreamTarget target, bool hadBody, bool idempotent)
    {
        var mayRepeat = idempotent && !hadBody;
        if (BlockedAddressException.TryFind(exception, out var blocked))
        {
            return For(NotAllowed.Because(blocked.Address is null ? $"{blocked.Host} is a refused name" : $"{blocked.Host} resolves to {blocked.Address}"));
        }

        // Under a wildcard the answer must not tell which internal names exist.
        if (target.Trust == UpstreamTrust.Public && !UpstreamCatalog.HoldsOrigin(target.Upstream) && IsUnresolved(exception))
        {
            return For(NotAllowed.Because($"{target.Origin}: the name does not resolve"));
        }

        return error switch
        {
            ForwarderError.RequestCreation => new(StatusCodes.Status400BadRequest, "invalid_request", "This kind of request can't be forwarded; of CONNECT, only WebSockets."),
            ForwarderError.UpgradeResponseClient or ForwarderError.ResponseHeaders => BadAnswer(error.ToString()),
            ForwarderError.RequestBodyClient => ForClient(exception),
            ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => ForTimeout(exception, mayRepeat),
            ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination when IsCancellation(exception) => ForTimeout(exception, mayRepeat),
            ForwarderError.Request or ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination when IsOfTheApp(exception) => OfTheApp,
            _ => ForConnection(exception, target, idempotent),
        };
    }

    private static ProxyError BadAnswer(string? detail) =>
        new(StatusCodes.Status502BadGateway, Unreachable, "The upstream's answer is not valid HTTP.", Detail: detail, Kind: "invalid_response");

    private static ProxyError ForClient(Exception? exception)
    {
        var bad = Find<BadHttpRequestException>(exception);
        if (bad?.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge;
        }

        return IsCancellation(exception)
            ? ForTimeout(exception, mayRepeat: false)
            : new(StatusCodes.Status400BadRequest, "invalid_request", "The request's body broke off or is malformed; send it whole.");
    }

    private static ProxyError ForTimeout(Exception? exception, bool mayRepeat) => Find<TimeoutException>(exception) is not null
        ? new(StatusCodes.Status504GatewayTimeout, TimedOut, "The upstream could not be connected to in time.", ShouldRetry: true, "connect timeout", "connect_timeout")
        : new(StatusCodes.Status504GatewayTimeout, TimedOut, "The upstream did not answer in time.", ShouldRetry: mayRepeat, "idle timeout", "idle_timeout");

    private static ProxyError ForConnection(Exception? exception, UpstreamTarget target, bool idempotent)
    {
        // A failure within an answer's body is an I/O exception with the same particulars.
        var failure = Find<HttpRequestException>(exception)?.HttpRequestError ?? Find<HttpIOException>(exception)?.HttpRequestError;
        var ofCaller = target.Choice != UpstreamChoice.Configured;
        var detail = failure?.ToString() ?? exception?.GetType().Name;
        switch (failure)
        {
            case HttpRequestError.NameResolutionError when Find<SocketException>(exception)?.SocketErrorCode == SocketError.TryAgain:
                return new(
                    StatusCodes.Status504GatewayTimeout, TimedOut, "The upstream's host name could not be resolved in time.", ShouldRetry: true, detail, "name_resolution_timeout");
            case HttpRequestError.NameResolutionError:
                return new(StatusOf(ofCaller), Unreachable, "The upstream's host name does not exist; check its spelling.", Detail: detail, Kind: "name_resolution_error");
            case HttpRequestError.SecureConnectionError:
                return new(StatusOf(ofCaller), Unreachable, "The upstream's TLS certificate is not valid for its name, or it does not speak TLS.", Detail: detail, Kind: "secure_connection_error");
            case HttpRequestError.ProxyTunnelError:
                return new(StatusCodes.Status502BadGateway, Unreachable, "The egress proxy did not connect to the upstream.", Detail: detail, Kind: "proxy_tunnel_error");
            case HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.ExtendedConnectNotSupported:
                return BadAnswer(detail);
            case HttpRequestError.ConnectionError:
                return new(
                    StatusCodes.Status502BadGateway, Unreachable, "The upstream could not be connected to.", ShouldRetry: true,
                    WithSocketError(detail, exception), "connection_error");
            default:
                // Unless it is known that nothing of it arrived, the upstream may have begun to act on the request.
                return Find<RequestNotReceivedException>(exception) is not null
                    ? new(
                        StatusCodes.Status502BadGateway, Unreachable, "The upstream closed the connection before it received the request.",
                        ShouldRetry: true, "nothing was received", "response_ended")
                    : new(
                        StatusCodes.Status502BadGateway, Unreachable, "The upstream closed the connection before it answered.",
                        idempotent, WithSocketError(detail, exception), "response_ended");
        }
    }

    private static string? WithSocketError(string? detail, Exception? exception) =>
        Find<SocketException>(exception) is { } socket ? $"{detail}, {socket.SocketErrorCode}" : detail;

    // Nobody resends 424, so that the message is shown at once: the name that the caller chose is at fault.
    private static int StatusOf(bool ofCaller) => ofCaller ? StatusCodes.Status424FailedDependency : StatusCodes.Status502BadGateway;

    // A resolution that took too long comes as a timeout, its cause within it.
    private static bool IsUnresolved(Exception? exception) =>
        Find<HttpRequestException>(exception)?.HttpRequestError == HttpRequestError.NameResolutionError
        || Find<SocketException>(exception)?.SocketErrorCode is SocketError.TryAgain or SocketError.HostNotFound;

    // All that the network, a timeout or a hang-up throws is one of these, or wraps one.
    private static bool IsOfTheApp(Exception? exception) =>
        exception is not null
        && Find<HttpRequestException>(exception) is null
        && Find<IOException>(exception) is null
        && Find<SocketException>(exception) is null
        && Find<AuthenticationException>(exception) is null
        && Find<TimeoutException>(exception) is null
        && !IsCancellation(exception);

    private static bool IsCancellation(Exception? exception) => Find<OperationCanceledException>(exception) is not null;
}
