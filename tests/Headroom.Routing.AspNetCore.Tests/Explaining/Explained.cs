using System.Text;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>An explanation as it comes over the wire.</summary>
internal sealed record Explained(string Outcome, string? Url, int? Status, string? Slug, string? Message, JsonElement Json)
{
    public string?[] Steps => [.. Items("steps").Select(step => step.GetProperty("name").GetString())];

    public string?[] Addresses => [.. Items("addresses").Select(one => $"{one.GetProperty("address").GetString()} {one.GetProperty("allowed").GetBoolean()}")];

    public string?[] DroppedHeaders => [.. Items("droppedHeaders").Select(name => name.GetString())];

    /// <summary>Asks about a request by sending it to the gateway's explain endpoint, byte for byte.</summary>
    public static async Task<Explained> AskAsync(Uri gateway, string method, string target, params string[] headers)
    {
        var (status, head, body) = await SendAsync(gateway, method, "/headroom/explain" + target, headers);
        Assert.AreEqual(200, status, body);
        Assert.Contains("Cache-Control: no-store", head);
        return Read(body);
    }

    /// <summary>Asks the service, as a host's own code does.</summary>
    public static async Task<Explained> AskAsync(IServiceProvider services, string method, string target, params string[] headers)
    {
        var explanation = await services.GetRequiredService<HeadroomExplainer>().ExplainAsync(
            method, target, headers.Select(header => header.Split(": ", 2)).Select(header => KeyValuePair.Create(header[0], new StringValues(header[1]))));
        using var body = new MemoryStream();
        await using (var json = new Utf8JsonWriter(body))
        {
            explanation.WriteTo(json);
        }

        return Read(Encoding.UTF8.GetString(body.ToArray()));
    }

    /// <summary>Reads the body of an answer.</summary>
    public static Explained Read(string body)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement.Clone();
        var refusal = root.GetProperty("refusal");
        var isRefused = refusal.ValueKind != JsonValueKind.Null;
        return new Explained(
            root.GetProperty("outcome").GetString()!,
            root.GetProperty("url").GetString(),
            isRefused ? refusal.GetProperty("status").GetInt32() : null,
            isRefused ? refusal.GetProperty("slug").GetString() : null,
            isRefused ? refusal.GetProperty("message").GetString() : null,
            root);
    }

    public string? Step(string name) => Items("steps")
        .Where(step => step.GetProperty("name").GetString() == name)
        .Select(step => step.GetProperty("result").GetString())
        .SingleOrDefault();

    public string? Text(string property) => Json.GetProperty(property).GetString();

    /// <summary>Sends a request and reads the whole answer.</summary>
    public static async Task<(int Status, string Head, string Body)> SendAsync(Uri gateway, string method, string target, params string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(gateway);
        await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: {gateway.Authority}\r\nContent-Length: 0\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
        var response = await client.ReadResponseAsync(toHead: method == "HEAD");
        return (response.Status, response.HeadText, (await response.ReadToEndAsync()).Text);
    }

    private IEnumerable<JsonElement> Items(string property) =>
        Json.GetProperty(property) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];
}
