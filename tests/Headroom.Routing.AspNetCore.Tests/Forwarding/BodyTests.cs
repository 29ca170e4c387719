using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Bodies are the same bytes at both ends.</summary>
[TestClass]
public sealed class BodyTests
{
    private const int Megabyte = 1024 * 1024;

    [TestMethod]
    [DataRow(0, false)]
    [DataRow(1, false)]
    [DataRow(Megabyte, false)]
    [DataRow(0, true)]
    [DataRow(1, true)]
    [DataRow(Megabyte, true)]
    public async Task Bodies_are_the_same_bytes_and_never_decoded(int length, bool http2)
    {
        var request = length < 2 ? Bytes(length) : GZip(Bytes(length));
        var answer = length < 2 ? Bytes(length) : GZip(Bytes(length));
        await using var upstream = RawUpstream.Start(exchange =>
            exchange.RespondAsync(200, answer, ("Content-Encoding", "gzip"), ("Content-Type", "Text/Odd;v=1")));
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = new ByteArrayContent(request) };
        message.Content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
        message.Content.Headers.TryAddWithoutValidation("Content-Type", "Image/Odd;v=\"1\"");
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip;q=1.0, *;q=0");
        using var client = host.CreateClient(http2);
        message.Version = client.DefaultRequestVersion;
        message.VersionPolicy = client.DefaultVersionPolicy;
        using var response = await client.SendAsync(message);

        var received = await upstream.NextRequestAsync();
        Assert.AreEqual(RawBody.Digest(request), received.Body.Sha256);
        CollectionAssert.AreEqual(new[] { "gzip" }, received.Values("Content-Encoding").ToArray());
        CollectionAssert.AreEqual(new[] { "Image/Odd;v=\"1\"" }, received.Values("Content-Type").ToArray());
        CollectionAssert.AreEqual(new[] { "gzip;q=1.0, *;q=0" }, received.Values("Accept-Encoding").ToArray());
        CollectionAssert.AreEqual(new[] { request.Length.ToString(CultureInfo.InvariantCulture) }, received.Values("Content-Length").ToArray());
        Assert.AreEqual(RawBody.Digest(answer), RawBody.Digest(await response.Content.ReadAsByteArrayAsync()));
        Assert.AreEqual("gzip", response.Content.Headers.NonValidated["Content-Encoding"].ToString());
        Assert.AreEqual("Text/Odd;v=1", response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.AreEqual(answer.Length, response.Content.Headers.ContentLength);
    }

    // The client's and the server's buffers of 4 KB, one TLS record, and what is written at most.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Bodies_around_the_size_of_every_buffer_arrive_whole(bool tls)
    {
        RequestDelegate handler = async context =>
            context.Response.Headers["X-Digest"] = Convert.ToHexStringLower(await SHA256.HashDataAsync(context.Request.Body));
        await using var upstream = tls ? await KestrelUpstream.StartHttp1OverTlsAsync(handler) : await KestrelUpstream.StartAsync(handler);
        await using var host = await Gateway.ToAsync(upstream);
        using var client = host.CreateClient();
        int[] lengths = [.. Enumerable.Range(0, 26).Select(i => 3_700 + (i * 20)), 8_191, 8_192, 8_193, 12_000, 15_900, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 100_000];
        foreach (var length in lengths)
        {
            var sent = Bytes(length);
            using var content = new ByteArrayContent(sent);
            using var response = await client.PostAsync("/v1/responses", content);
            Assert.AreEqual(RawBody.Digest(sent), response.Headers.NonValidated["X-Digest"].ToString(), $"{length} bytes");
        }
    }

    [TestMethod]
    public async Task A_chunked_upload_of_64_megabytes_arrives_whole()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        var digest = await UploadAsync(client, 64 * Megabyte);
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        var received = await upstream.NextRequestAsync();
        Assert.AreEqual(64 * Megabyte, received.Body.Length);
        Assert.AreEqual(digest, received.Body.Sha256);
        CollectionAssert.AreEqual(new[] { "chunked" }, received.Values("Transfer-Encoding").ToArray());
        Assert.IsEmpty(received.Values("Content-Length"));
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public async Task Versions_of_http_may_differ_on_the_two_sides(bool clientHttp2, bool upstreamHttp2)
    {
        var sent = Bytes(5 * Megabyte);
        var answer = Bytes(7 * Megabyte);
        RequestDelegate handler = async context =>
        {
            context.Response.Headers["X-Digest"] = Convert.ToHexStringLower(await SHA256.HashDataAsync(context.Request.Body));
            context.Response.Headers["X-Saw"] = $"{context.Request.Protocol} {context.Request.Host} {context.Request.Headers["X-Two"]}";
            await context.Response.Body.WriteAsync(answer);
        };
        await using var upstream = upstreamHttp2 ? await KestrelUpstream.StartHttp2Async(handler) : await KestrelUpstream.StartAsync(handler);
        await using var host = await Gateway.ToAsync(upstream);
        using var client = host.CreateClient(clientHttp2);
        client.DefaultRequestHeaders.TransferEncodingChunked = !clientHttp2;
        client.DefaultRequestHeaders.Add("X-Two", ["1", "2"]);
        using var content = new ByteArrayContent(sent);
        using var response = await client.PostAsync("/v1/audio/transcriptions", content);

        Assert.AreEqual(clientHttp2 ? 2 : 1, response.Version.Major);
        var saw = $"{(upstreamHttp2 ? "HTTP/2" : "HTTP/1.1")} {upstream.Address.Authority} 1, 2";
        Assert.AreEqual(saw, response.Headers.NonValidated["X-Saw"].ToString());
        Assert.AreEqual(RawBody.Digest(sent), response.Headers.NonValidated["X-Digest"].ToString());
        Assert.AreEqual(RawBody.Digest(answer), RawBody.Digest(await response.Content.ReadAsByteArrayAsync()));
    }

    [TestMethod]
    public async Task An_upload_is_passed_on_piece_by_piece()
    {
        const int Piece = 64 * 1024;
        var arrived = new SemaphoreSlim(0);
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            // The HTTP client keeps up to some 4 KB back until more comes.
            await exchange.ReadRawAsync(Piece / 2);
            for (var i = 0; i < 3; i++)
            {
                arrived.Release();
                await exchange.ReadRawAsync(i < 2 ? Piece : Piece / 2);
            }

            await exchange.RespondAsync(body: "whole");
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("PUT", "/v1/uploads/1", $"Content-Length: {3 * Piece}"));
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(new byte[Piece]);
            await arrived.WaitAsync().WithPatience("the upstream to receive a piece while the client holds back the next");
        }

        Assert.AreEqual("whole", (await (await client.ReadResponseAsync()).ReadToEndAsync()).Text);
    }

    [TestMethod]
    [DataRow("HEAD", false)]
    [DataRow("OPTIONS", false)]
    [DataRow("DELETE", false)]
    [DataRow("PATCH", true)]
    [DataRow("PUT", true)]
    [DataRow("POST", true)]
    [DataRow("DELETE", true)]
    [DataRow("GET", true)]
    [DataRow("OPTIONS", true)]
    [DataRow("PURGE", false)]
    [DataRow("QUERY", true)]
    public async Task Every_method_passes(string method, bool withBody)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "answer", ("Allow", "ALL")));
        await using var host = await Gateway.ToAsync(upstream.Address);
        foreach (var http2 in new[] { false, true })
        {
            using var client = host.CreateClient(http2);
            using var message = new HttpRequestMessage(new HttpMethod(method), "/v1/messages/x")
            {
                Version = client.DefaultRequestVersion,
                VersionPolicy = client.DefaultVersionPolicy,
                Content = withBody ? new StringContent("body") : null,
            };
            message.Headers.Add("X-Headroom-Upstream", upstream.Address.ToString());
            using var response = await client.SendAsync(message);

            var received = await upstream.NextRequestAsync();
            Assert.AreEqual(method, received.Method);
            Assert.AreEqual(withBody ? "body" : "", received.Body.Text);
            Assert.IsEmpty(received.Values("Transfer-Encoding"));
            CollectionAssert.IsSubsetOf(received.Values("Content-Length").ToArray(), new[] { withBody ? "4" : "0" });
            Assert.AreEqual(200, (int)response.StatusCode);
            Assert.AreEqual("ALL", response.Content.Headers.NonValidated["Allow"].ToString());
            Assert.AreEqual(6, response.Content.Headers.ContentLength);
            Assert.AreEqual(method == "HEAD" ? "" : "answer", await response.Content.ReadAsStringAsync());
        }
    }

    /// <summary>Sends so many bytes in chunks; the digest of what was sent.</summary>
    internal static async Task<string> UploadAsync(RawClient client, int length)
    {
        var chunk = Bytes(Megabyte);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Transfer-Encoding: chunked"));
        for (var sent = 0; sent < length; sent += chunk.Length)
        {
            chunk[0]++;
            digest.AppendData(chunk);
            await client.SendAsync($"{chunk.Length:x}\r\n");
            await client.SendAsync(chunk);
            await client.SendAsync("\r\n");
        }

        await client.SendAsync("0\r\n\r\n");
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static byte[] GZip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
