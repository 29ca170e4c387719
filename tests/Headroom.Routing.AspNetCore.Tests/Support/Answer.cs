namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>An answer as far as two of them are compared.</summary>
internal sealed record Answer(int Status, string Allow, string ContentType, string Body, string Url, string Provider, string Choice)
{
    public static async Task<Answer> OfAsync(Uri host, string method, string target, params string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(host);
        var extra = string.Concat(headers.Select(header => header + "\r\n"));
        await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: {host.Authority}\r\nContent-Length: 0\r\n{extra}\r\n");
        var response = await client.ReadResponseAsync(toHead: method == "HEAD");
        return new Answer(
            response.Status,
            string.Join(",", response.Values("Allow")),
            string.Join(",", response.Values("Content-Type")),
            (await response.ReadToEndAsync()).Text,
            string.Join(",", response.Values(EchoHandler.Url)),
            string.Join(",", response.Values(EchoHandler.Provider)),
            string.Join(",", response.Values(EchoHandler.Choice)));
    }
}
