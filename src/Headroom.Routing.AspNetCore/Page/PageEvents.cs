using System.Buffers;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Explaining;
using Headroom.Routing.AspNetCore.Journal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Headroom.Routing.AspNetCore.Page;

/// <summary>
/// Tells a page of the requests, as they come and go on, by server-sent events. Each holds the rows that changed since the last one; the first holds all.
/// </summary>
/// <remarks>https://html.spec.whatwg.org/multipage/server-sent-events.html</remarks>
internal sealed class PageEvents(RequestJournal journal, IHostApplicationLifetime lifetime)
{
    // A person sees no more than a few changes in a second.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    // Before a proxy on the way takes the connection for dead.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    internal async Task InvokeAsync(HttpContext context)
    {
        if (!journal.TryWatch(out var watcher))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("As many pages are open as may be; close one of them.", context.RequestAborted);
            return;
        }

        using var watching = watcher;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await SendAsync(context.Response, watcher, FindExplain(context), ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The page was closed, or the app is stopping.
        }
    }

    // Where the page can ask for explanations, relative to itself.
    private static string? FindExplain(HttpContext context)
    {
        var endpoint = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .FirstOrDefault(endpoint => endpoint.Metadata.GetMetadata<ExplainEndpoint>() is not null && endpoint.RoutePattern.Parameters.Count == 1);
        if (endpoint is null)
        {
            return null;
        }

        var path = endpoint.RoutePattern.RawText![..^ExplainEndpoint.Pattern.Length].Trim('/');
        var page = new Uri($"http://localhost{context.Request.Path.ToUriComponent()}");
        return page.MakeRelativeUri(new Uri(page, $"/{path}/")).OriginalString;
    }

    private static async Task SendAsync(HttpResponse response, JournalWatcher watcher, string? explain, CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>();
        var isFirst = true;
        var sent = Environment.TickCount64;
        while (true)
        {
            var rows = watcher.Read(out var isAnyRunning);
            message.ResetWrittenCount();
            if (isFirst || rows.Count > 0)
            {
                Write(message, isFirst, explain, rows);
            }
            else if (Environment.TickCount64 - sent >= Silence.TotalMilliseconds)
            {
                message.Write(":\n\n"u8);
            }

            if (message.WrittenCount > 0)
            {
                await response.Body.WriteAsync(message.WrittenMemory, cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
                isFirst = false;
                sent = Environment.TickCount64;
            }

            await Task.Delay(Pace, cancellationToken);
            if (!isAnyRunning)
            {
                await watcher.WaitAsync(Silence, cancellationToken);
            }
        }
    }

    private static void Write(ArrayBufferWriter<byte> message, bool isFirst, string? explain, List<JournalRow> rows)
    {
        message.Write("data: "u8);
        using (var json = new Utf8JsonWriter(message))
        {
            json.WriteStartObject();
            if (isFirst)
            {
                // What the page has may be of a process that is gone.
                json.WriteNumber("kept", RequestJournal.Kept);
                json.WriteString("explain", explain);
            }

            json.WriteStartArray("rows");
            foreach (var row in rows)
            {
                Write(json, row);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        message.Write("\n\n"u8);
    }

    private static void Write(Utf8JsonWriter json, JournalRow row)
    {
        var (entry, state, isNew) = row;
        json.WriteStartObject();
        json.WriteNumber("id", entry.Id);
        if (isNew)
        {
            json.WriteString("time", entry.Time);
            json.WriteString("method", entry.Method);
            json.WriteString("path", entry.Path);
            json.WriteString("provider", entry.Provider);
            json.WriteString("upstream", entry.Upstream);
            json.WriteString("name", entry.UpstreamName);
            json.WriteString("choice", entry.Choice);
            json.WriteStartArray("steps");
            foreach (var step in entry.Steps)
            {
                json.WriteStartObject();
                json.WriteString("name", step.Name);
                json.WriteString("result", step.Result);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteString("outcome", WordFor(state.Outcome));
        Write(json, "status", state.Status);
        Write(json, "firstByte", state.TimeToFirstByte?.TotalMilliseconds);
        json.WriteNumber("elapsed", Math.Round(state.Elapsed.TotalMilliseconds, 1));
        json.WriteNumber("sent", state.Sent);
        json.WriteNumber("received", state.Received);
        json.WriteString("slug", state.Slug);
        json.WriteString("reason", state.Reason);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, Math.Round(known, 1));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string WordFor(JournalOutcome outcome) => outcome switch
    {
        JournalOutcome.Running => "running",
        JournalOutcome.Done => "done",
        JournalOutcome.Refused => "refused",
        JournalOutcome.Failed => "failed",
        _ => "client_gone",
    };
}
