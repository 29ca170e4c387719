using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Headroom.Routing.AspNetCore.Diagnostics;
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

    /// <summary>Sends the request and passes the answer on.</summary>
    /// <returns>What failed; <see langword="null"/> if the whole answer was passed on.</returns>
    internal static ValueTask<ForwardingFailure?> SendAsync(
        HttpContext context, UpstreamTarget target, UpstreamClient client, ForwardingRules rules, Transfer transfer, UpstreamActivity activity)
    {
        if (HttpMethods.IsConnect(context.Request.Method))
        {
            // A tunnel to anywhere is not for a gateway.
            return new(new ForwardingFailure(ForwarderError.RequestCreation, null, IsClientGone: false));
        }

        (context.Features[typeof(IHttpResponseBodyFeature)] as IHttpResponseBodyFeature)?.DisableBuffering();
        var body = RequestHead.MayHaveBody(context) ? new RequestBody(context, transfer) : null;
        return RelayAsync(context, Send(context, target, client, rules, body, transfer), rules.ResponseHeaders, activity, body, transfer);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails is the request's failure.")]
    private static Task<HttpResponseMessage> Send(
        HttpContext context, UpstreamTarget target, UpstreamClient client, ForwardingRules rules, RequestBody? body, Transfer transfer)
    {
        try
        {
            return client.Invoker.SendAsync(RequestHead.Create(context, target, rules, client, body), transfer.Token);
        }
        catch (Exception failure)
        {
            return Task.FromException<HttpResponseMessage>(failure);
        }
    }

    // What is done before the answer comes is not in here, so that a request in flight holds little.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ForwardingFailure?> RelayAsync(
        HttpContext context, Task<HttpResponseMessage>? sending, HeaderRules rules, UpstreamActivity activity, RequestBody? body, Transfer transfer)
    {
        HttpResponseMessage? answer = null;
        try
        {
            AnswerHead head;
            try
            {
                answer = await sending!;

                // An answer may be open for minutes, and needs nothing more of what led to it.
                sending = null;
                transfer.Touch();
                activity.RecordAnswer(answer);
                head = AnswerHead.Copy(answer, context, rules);
            }
            catch (Exception failure)
            {
                return await FailAsync(failure, isAnswered: answer is not null, body, transfer);
            }

            if (head.HasBody)
            {
                var (error, failure) = await AnswerBody.CopyAsync(answer, head, context, transfer);
                if (failure is not null)
                {
                    return await FailAnsweringAsync(context, error, failure, body, transfer);
                }
            }

            AnswerHead.CopyTrailers(answer, context, rules);

            // Whether the rest of an upload arrives is no matter of an answer that was given without it.
            await (body?.WaitAsync() ?? Task.CompletedTask);
            return null;
        }
        finally
        {
            answer?.Dispose();
        }
    }

    private static async ValueTask<ForwardingFailure> FailAsync(Exception failure, bool isAnswered, RequestBody? body, Transfer transfer)
    {
        var isClientGone = transfer.IsClientGone;
        var error = isAnswered ? ForwarderError.ResponseHeaders
            : isClientGone ? ForwarderError.RequestCanceled
            : ErrorOf(body) is { } ofBody ? ofBody
            : failure is OperationCanceledException ? ForwarderError.RequestTimedOut
            : ForwarderError.Request;
        failure = isAnswered ? failure : With(body, failure);
        await EndAsync(body, transfer);
        return new(error, failure, isClientGone);
    }

    private static async ValueTask<ForwardingFailure> FailAnsweringAsync(
        HttpContext context, ForwarderError error, Exception failure, RequestBody? body, Transfer transfer)
    {
        var isClientGone = transfer.IsClientGone;
        error = ErrorOf(body) ?? error;
        failure = With(body, failure);
        await EndAsync(body, transfer);
        if (context.Response.HasStarted)
        {
            // The client must not take what it has for the whole answer.
            if (context.Features.Get<IHttpResetFeature>() is { } stream)
            {
                stream.Reset(isClientGone ? Cancel : InternalError);
            }
            else
            {
                context.Abort();
            }
        }

        return new(error, failure, isClientGone);
    }

    // A body that broke off may be what made the request fail.
    private static ForwarderError? ErrorOf(RequestBody? body) =>
        body is not { IsMoving: false, Failure: not null and not OperationCanceledException } ? null
        : body.FailedAtClient ? ForwarderError.RequestBodyClient
        : ForwarderError.RequestBodyDestination;

    private static Exception With(RequestBody? body, Exception failure) =>
        ErrorOf(body) is null ? failure : new AggregateException(body!.Failure!, failure);

    private static async ValueTask EndAsync(RequestBody? body, Transfer transfer)
    {
        if (body?.IsMoving == true)
        {
            transfer.Cancel();
            await body.WaitAsync();
        }
    }
}
