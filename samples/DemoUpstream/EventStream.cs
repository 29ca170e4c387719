namespace Headroom.DemoUpstream;

/// <summary>Writes events one by one, each with its own flush.</summary>
internal static class EventStream
{
    // Slow enough to see the words arrive.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task WriteAsync(HttpResponse response, IEnumerable<StreamEvent> events)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";

        foreach (var (data, name) in events)
        {
            await WritePieceAsync(response, name is null ? $"data: {data}\n\n" : $"event: {name}\ndata: {data}\n\n");
        }
    }

    /// <summary>The same events as one JSON array that grows.</summary>
    public static async Task WriteArrayAsync(HttpResponse response, IEnumerable<StreamEvent> events)
    {
        response.ContentType = "application/json; charset=utf-8";
        var separator = "[";

        foreach (var (data, _) in events)
        {
            await WritePieceAsync(response, separator + data);
            separator = "\r\n,\r\n";
        }

        await WritePieceAsync(response, "\r\n]");
    }

    private static async Task WritePieceAsync(HttpResponse response, string piece)
    {
        var aborted = response.HttpContext.RequestAborted;
        await response.WriteAsync(piece, aborted);
        await response.Body.FlushAsync(aborted);
        await Task.Delay(Pause, aborted);
    }
}
