using System.Net;
using Headroom.Routing.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>Forwards WebSockets (RFC 6455; RFC 8441) by YARP's forwarder, which carries them between HTTP/1.1 and HTTP/2 both ways.</summary>
internal static class UpgradeForwarder
{
    private const string WebSocket = "websocket";

    private static readonly IHttpForwarder Forwarder = CreateSilent();

    /// <summary>Whether a request asks for a WebSocket.</summary>
    internal static bool IsFor(HttpContext context) =>
        (context.Request.Headers.Upgrade.Count > 0
            && string.Equals(context.Request.Headers.Upgrade, WebSocket, StringComparison.OrdinalIgnoreCase)
            && context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true)
        || (HttpMethods.IsConnect(context.Request.Method)
            && context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: var protocol }
            && string.Equals(protocol, WebSocket, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc cref="PlainForwarder.SendAsync"/>
    internal static async ValueTask<ForwardingFailure?> SendAsync(
        HttpContext context, UpstreamTarget target, UpstreamClient client, ForwardingRules rules, Transfer transfer, UpstreamActivity activity)
    {
        CountedUpgrade.Put(context, transfer);
        var config = new ForwarderRequestConfig
        {
            ActivityTimeout = rules.IdleTimeout,
            Version = rules.VersionFor(target),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        var transformer = new Transformer(target, client, rules, activity);
        var error = await Forwarder.SendAsync(context, target.Origin, client.Invoker, config, transformer);
        return transformer.IsAnswered || (error is ForwarderError.None && context.Response.HasStarted)
            ? null
            : new(error, context.Features.Get<IForwarderErrorFeature>()?.Exception, context.RequestAborted.IsCancellationRequested);
    }

    // YARP's log would print the URL of each request, and Gemini's clients put their key there. A log filter could not prevent that, because the app's
    // filters win.
    private static IHttpForwarder CreateSilent() => new ServiceCollection()
        .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
        .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
        .AddHttpForwarder()
        .BuildServiceProvider()
        .GetRequiredService<IHttpForwarder>();

    private sealed class Transformer(UpstreamTarget target, UpstreamClient client, ForwardingRules rules, UpstreamActivity activity) : HttpTransformer
    {
        internal bool IsAnswered { get; private set; }

        public override ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            // YARP does not let its content be replaced, and an upgrade has no use for the headers of another.
            var content = proxyRequest.Content;
            proxyRequest.RequestUri = target.Uri;
            RequestHead.Complete(proxyRequest, httpContext.Request, target, rules, client);
            proxyRequest.Content = content;
            return default;
        }

        public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            if (proxyResponse is not null)
            {
                activity.RecordAnswer(proxyResponse);
                _ = AnswerHead.Copy(proxyResponse, httpContext, rules.ResponseHeaders);
            }

            return new(proxyResponse is not null);
        }

        public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
        {
            AnswerHead.CopyTrailers(proxyResponse, httpContext, rules.ResponseHeaders);
            IsAnswered = true;
            return default;
        }
    }
}
