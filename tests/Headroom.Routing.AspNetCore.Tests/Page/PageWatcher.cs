using System.Text;
using System.Text.Json.Nodes;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Page;

/// <summary>Reads the page's events as the page does: each tells what changed of some rows.</summary>
internal sealed class PageWatcher : IAsyncDisposable
{
    private readonly RawClient _client;
    private readonly RawResponse _response;
    private readonly StringBuilder _told = new();

    private PageWatcher(RawClient client, RawResponse response)
    {
        _client = client;
        _response = response;
    }

    /// <summary>What is known of each request, by its id.</summary>
    public SortedDictionary<long, JsonObject> Rows { get; } = [];

    /// <summary>Everything that the page was told, to the character.</summary>
    public string Told => _told.ToString();

    public static async Task<PageWatcher> OpenAsync(GatewayHost host)
    {
        var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync("GET /headroom/events HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.AreEqual(200, response.Status);
        Assert.AreEqual("text/event-stream", response.Values("Content-Type").Single());
        var watcher = new PageWatcher(client, response);
        await watcher.ReadAsync();
        return watcher;
    }

    /// <summary>The first row that fits, as soon as there is one.</summary>
    public async Task<JsonObject> RowAsync(Func<JsonObject, bool> fits)
    {
        while (true)
        {
            if (Rows.Values.FirstOrDefault(fits) is { } row)
            {
                return row;
            }

            await ReadAsync();
        }
    }

    /// <summary>The first row with an outcome.</summary>
    public Task<JsonObject> RowAsync(string outcome) => RowAsync(row => (string)row["outcome"]! == outcome);

    /// <summary>How the events end.</summary>
    public async Task<StreamEnd> EndAsync() => (await _response.ReadToEndAsync()).End;

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task ReadAsync()
    {
        var read = await _response.ReadEventAsync() ?? throw new EndOfStreamException($"The events ended after: {_told}");
        _told.Append(read);
        if (!read.StartsWith("data: ", StringComparison.Ordinal))
        {
            return;
        }

        foreach (var change in JsonNode.Parse(read["data: ".Length..])!["rows"]!.AsArray())
        {
            var id = (long)change!["id"]!;
            if (!Rows.TryGetValue(id, out var row))
            {
                Assert.IsNotNull(change["time"], $"A row that was not told of before comes whole: {change}");
                Rows[id] = row = [];
            }

            foreach (var (name, value) in change.AsObject())
            {
                row[name] = value?.DeepClone();
            }
        }
    }
}
