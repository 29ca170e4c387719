using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>The log messages about requests. They never hold a URL, a path or a header's value, because these may hold keys. Event ids keep their meaning.</summary>
internal static partial class ForwardingLog
{
    [LoggerMessage(1, LogLevel.Debug, "Forwarded to {Origin} ({Choice}): {Status}.", EventName = "Forwarded")]
    internal static partial void Forwarded(ILogger logger, string origin, UpstreamChoice choice, int status);

    [LoggerMessage(2, LogLevel.Information, "Refused ({Slug}): {Cause}", EventName = "Refused")]
    internal static partial void Refused(ILogger logger, string slug, string cause);

    [LoggerMessage(3, LogLevel.Warning, "Forwarding to {Origin} ({Choice}) failed: {Error}, {Cause}.", EventName = "Failed")]
    internal static partial void Failed(ILogger logger, string origin, UpstreamChoice choice, ForwarderError error, string? cause);

    [LoggerMessage(4, LogLevel.Debug, "The client left while {Origin} was answering: {Error}.", EventName = "ClientGone")]
    internal static partial void ClientGone(ILogger logger, string origin, ForwarderError error);

    // The exception comes from the app's own code, so the app decides what it reveals.
    [LoggerMessage(5, LogLevel.Error, "Forwarding to {Origin} ({Choice}) failed in the app's own code.", EventName = "AppFailed")]
    internal static partial void AppFailed(ILogger logger, string origin, UpstreamChoice choice, Exception? exception);
}
