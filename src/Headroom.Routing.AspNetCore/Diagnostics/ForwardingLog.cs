using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>
/// The log messages about requests. They never hold a URL, a path or a header's value, because these may hold keys; of an upstream, its origin or
/// name. Event ids keep their meaning.
/// </summary>
internal static partial class ForwardingLog
{
    /// <summary>
    /// The category of the one line that each forwarded request gets. At Debug, because the console's logger takes a quarter of a small request's time for it.
    /// </summary>
    internal const string RequestsCategory = "Headroom.Routing.Requests";

    /// <summary>The category of what went wrong.</summary>
    internal const string ForwardingCategory = "Headroom.Routing.Forwarding";

    [LoggerMessage(
        1, LogLevel.Debug,
        "{Provider} ({Choice}) to {Origin}: {Status}, first byte after {FirstByte:0} ms, {Elapsed:0} ms in all, {Sent} bytes sent, {Received} received.",
        EventName = "Forwarded", SkipEnabledCheck = true)]
    internal static partial void Forwarded(
        ILogger logger, string provider, string choice, string origin, int status, double firstByte, double elapsed, long sent, long received);

    [LoggerMessage(2, LogLevel.Information, "Refused ({Slug}): {Cause}", EventName = "Refused")]
    internal static partial void Refused(ILogger logger, string slug, string cause);

    [LoggerMessage(
        3, LogLevel.Warning, "{Provider} ({Choice}) to {Origin} failed after {Elapsed:0} ms: {Slug}, {Cause}.", EventName = "Failed", SkipEnabledCheck = true)]
    internal static partial void Failed(
        ILogger logger, string provider, string choice, string origin, double elapsed, string slug, string cause, Exception? exception);

    [LoggerMessage(
        4, LogLevel.Debug,
        "{Provider} ({Choice}) to {Origin}: the client left after {Elapsed:0} ms, {Sent} bytes sent, {Received} received.",
        EventName = "ClientGone", SkipEnabledCheck = true)]
    internal static partial void ClientGone(ILogger logger, string provider, string choice, string origin, double elapsed, long sent, long received);

    // The exception comes from the app's own code, so the app decides what it reveals.
    [LoggerMessage(5, LogLevel.Error, "{Provider} ({Choice}) to {Origin} failed in the app's own code.", EventName = "AppFailed", SkipEnabledCheck = true)]
    internal static partial void AppFailed(ILogger logger, string provider, string choice, string origin, Exception? exception);
}
