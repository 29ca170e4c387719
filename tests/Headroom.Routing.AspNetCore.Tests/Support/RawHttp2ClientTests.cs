using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Routing.AspNetCore.Tests.Support;

[TestClass]
public sealed class RawHttp2ClientTests
{
    [TestMethod]
    [DataRow(200)]
    [DataRow(403)]
    [DataRow(404)]
    [DataRow(502)]
    public async Task Http2_sender_reads_status_and_body(int status)
    {
        await using var host = await GatewayHost.StartAsync(_ => { }, app => app.Run(async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(context.Request.Method + " " + context.Request.Headers["x-repeated"].Count);
        }));
        await using var client = await RawHttp2Client.ConnectAsync(host.Http2Address);
        for (var i = 0; i < 2; i++)
        {
            var response = await client.SendAsync("GET", "/", ("x-repeated", "1"), ("x-repeated", new string('2', 5000)));
            Assert.AreEqual(status, response.Status);
            Assert.AreEqual("GET 2", response.Text);
            Assert.AreEqual(StreamEnd.Clean, response.End);
        }
    }

    [TestMethod]
    [DataRow("/a b")]
    [DataRow("/a\tb\u0001\u007f")]
    [DataRow("/a\\b")]
    [DataRow("/a#b")]
    [DataRow("/é")]
    public async Task Http2_sender_gets_hostile_paths_through_to_the_app(string path)
    {
        await using var host = await GatewayHost.StartAsync(_ => { }, app => app.Run(context =>
            context.Response.WriteAsync(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)));
        await using var client = await RawHttp2Client.ConnectAsync(host.Http2Address);
        var response = await client.SendAsync("GET", Octets.Utf8(path));
        Assert.AreEqual(200, response.Status);
        Assert.AreEqual(path, response.Text);
    }

    [TestMethod]
    [DataRow("/a\0b")]
    [DataRow("/a\rb")]
    [DataRow("/a\nb")]
    [DataRow("/a\u00e9b")]
    public async Task Http2_sender_reports_what_the_server_itself_refuses(string path)
    {
        await using var host = await GatewayHost.StartAsync(_ => { }, app => app.Run(context => context.Response.WriteAsync("reached")));
        await using var client = await RawHttp2Client.ConnectAsync(host.Http2Address);
        var response = await client.SendAsync("GET", path);
        Assert.IsNull(response.Status);
        Assert.AreEqual(StreamEnd.Reset, response.End);
        Assert.AreEqual(1u, response.ErrorCode);
    }

    [TestMethod]
    [DataRow("88", 200)]
    [DataRow("20 8e", 500)]
    [DataRow("3f e1 1f 8c 00", 400)]
    [DataRow("08 03 35 30 32", 502)]
    [DataRow("48 82 64 02", 302)]
    [DataRow("18 03 35 30 33", 503)]
    [DataRow("48 83 6d d7 ff", 579)]
    public void Status_is_read_in_every_encoding(string block, int status) =>
        Assert.AreEqual(status, HeaderBlock.Status(Convert.FromHexString(block.Replace(" ", "", StringComparison.Ordinal))));
}
