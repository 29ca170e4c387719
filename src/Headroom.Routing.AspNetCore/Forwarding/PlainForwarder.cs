using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// Forwards a request that asks for no other protocol, over HTTP/1.1 or HTTP/2 on either side. It does what YARP's forwarder does, and reports errors by
/// its words, with fewer steps for each piece of a body; <c>docs/performance.md</c> has the figures.
/// </summary>
internal static class PlainForwarder
{
    // RFC 9113, section 7.
    private const int InternalError = 2;
    private const int Cancel = 8;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal static async ValueTask<ForwardingResult> SendAsync(HttpContext context, UpstreamTarget target, UpstreamClient client, ForwardingRules rules)
    {
        using var clock = IdleClock.Start(rules.IdleTimeout, context.RequestAborted);
        RequestBody? body = null;
        HttpRequestMessage? request = null;
        HttpResponseMessage? answer = null;
        try
        {
            try
            {
                body = RequestHead.MayHaveBody(context) ? new RequestBody(context, clock) : null;
                request = RequestHead.Create(context, target, rules, client, body);
                context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
                answer = await client.Invoker.SendAsync(request, clock.Token);
            }
            catch (Exception failure)
            {
                return await FailUnansweredAsync(failure, wasSent: request is not null, body, clock);
            }

            clock.Touch();
            AnswerHead head;
            try
            {
                head = AnswerHead.Copy(answer, context, rules.ResponseHeaders);
            }
            catch (Exception failure)
            {
                await EndAsync(body, clock);
                return new(ForwarderError.ResponseHeaders, failure, answer, IsAnswered: false);
            }

            if (head.HasBody)
            {
                var (error, failure) = await AnswerBody.CopyAsync(answer, head, context.Response, clock);
                if (failure is not null)
                {
                    return await FailAnsweringAsync(context, error, failure, answer, body, clock);
                }
            }

            // Over HTTP/1.1 no trailers can follow a body of known length (RFC 9112, section 7.1.2), and such a body is complete.
            if (head.Length is null || answer.Version.Major > 1)
            {
                AnswerHead.CopyTrailers(answer, context, rules.ResponseHeaders);
                await context.Response.CompleteAsync();
            }

            // Whether the rest of an upload arrives is no matter of an answer that was given without it.
            await (body?.WaitAsync() ?? Task.CompletedTask);
            return new(ForwarderError.None, null, answer, IsAnswered: true);
        }
        finally
        {
            answer?.Dispose();
        }
    }

    private static async ValueTask<ForwardingResult> FailUnansweredAsync(Exception failure, bool wasSent, RequestBody? body, IdleClock clock)
    {
        var error = clock.IsClientGone ? ForwarderError.RequestCanceled
            : ErrorOf(body) is { } ofBody ? ofBody
            : failure is OperationCanceledException ? ForwarderError.RequestTimedOut
            : wasSent ? ForwarderError.Request
            : ForwarderError.RequestCreation;
        failure = With(body, failure);
        await EndAsync(body, clock);
        return new(error, failure, null, IsAnswered: false);
    }

    private static async ValueTask<ForwardingResult> FailAnsweringAsync(
        HttpContext context, ForwarderError error, Exception failure, HttpResponseMessage answer, RequestBody? body, IdleClock clock)
    {
        error = ErrorOf(body) ?? error;
        failure = With(body, failure);
        await EndAsync(body, clock);
        if (context.Response.HasStarted)
        {
            // The client must not take what it has for the whole answer.
            if (context.Features.Get<IHttpResetFeature>() is { } stream)
            {
                stream.Reset(clock.IsClientGone ? Cancel : InternalError);
            }
            else
            {
                context.Abort();
            }
        }

        return new(error, failure, answer, IsAnswered: false);
    }

    // A body that broke off may be what made the request fail.
    private static ForwarderError? ErrorOf(RequestBody? body) =>
        body is not { IsMoving: false, Failure: not null and not OperationCanceledException } ? null
        : body.FailedAtClient ? ForwarderError.RequestBodyClient
        : ForwarderError.RequestBodyDestination;

    private static Exception With(RequestBody? body, Exception failure) =>
        ErrorOf(body) is null ? failure : new AggregateException(body!.Failure!, failure);

    private static async ValueTask EndAsync(RequestBody? body, IdleClock clock)
    {
        if (body?.IsMoving == true)
        {
            clock.Cancel();
            await body.WaitAsync();
        }
    }
}
