using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Headroom.Routing.Wire;

/// <summary>
/// Stands for every provider: 1 KB of JSON, or what the query asks for. The least that Kestrel can be, so that it is not what is measured.
/// </summary>
internal static class Upstream
{
    private static readonly byte[] Json = Encoding.ASCII.GetBytes($$"""{"object":"list","data":"{{new string('x', 1024 - 27)}}"}""");

    // About as long as what a provider sends for a word.
    private static readonly byte[] Event = Encoding.ASCII.GetBytes($$"""data: {"choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}{{"\n\n"}}""");

    private static readonly byte[] Block = new byte[64 * 1024];

    internal static Task RunAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        }).UseSockets(sockets =>
        {
            sockets.Backlog = 4096;
            sockets.UnsafePreferInlineScheduling = true;
        });

        var app = builder.Build();
        app.Run(AnswerAsync);
        return app.RunAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        await ReadBodyAsync(context.Request);
        if (Number(context.Request, "events") is not { } events)
        {
            await (Number(context.Request, "bytes") is { } bytes ? SendBytesAsync(context, bytes) : SendJsonAsync(context));
            return;
        }

        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        try
        {
            await (Number(context.Request, "pause") is { } pause ? SendSlowlyAsync(context, events, pause) : SendEventsAsync(context, events));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Slow streams end as their readers leave.
        }
    }

    private static async Task ReadBodyAsync(HttpRequest request)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync();
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task SendJsonAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = Json.Length;
        await context.Response.BodyWriter.WriteAsync(Json);
    }

    private static async Task SendBytesAsync(HttpContext context, long count)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = count;
        for (var left = count; left > 0; left -= Block.Length)
        {
            await context.Response.BodyWriter.WriteAsync(Block.AsMemory(0, (int)Math.Min(left, Block.Length)));
        }
    }

    private static async Task SendEventsAsync(HttpContext context, long count)
    {
        for (var i = 0L; i < count; i++)
        {
            // Writes and flushes: each event is a chunk and a write to the socket of its own.
            await context.Response.BodyWriter.WriteAsync(Event);
        }
    }

    /// <summary>Each event tells when it was sent, by the clock that all processes of a machine share.</summary>
    private static async Task SendSlowlyAsync(HttpContext context, long count, long pause)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(pause));
        for (var i = 0L; i < count; i++)
        {
            if (i == 1)
            {
                // Streams that were opened together do not stay in step.
                await Task.Delay(Random.Shared.Next((int)pause), context.RequestAborted);
            }

            var text = string.Create(CultureInfo.InvariantCulture, $"data: {Stopwatch.GetTimestamp()}\n\n");
            await context.Response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes(text), context.RequestAborted);
            await timer.WaitForNextTickAsync(context.RequestAborted);
        }
    }

    private static long? Number(HttpRequest request, string name) =>
        request.QueryString.HasValue && long.TryParse(request.Query[name], CultureInfo.InvariantCulture, out var value) ? value : null;
}
