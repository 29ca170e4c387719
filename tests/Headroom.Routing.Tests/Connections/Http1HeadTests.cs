using System.Text;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

[TestClass]
public sealed class Http1HeadTests
{
    [TestMethod]
    [DataRow("HTTP/1.1 429 Too Many Requests\r\n", "", 429)]
    [DataRow("HTTP/1.0 200\n", "x: y", 200)]
    [DataRow("HTTP/1.1 101 Switching Protocols\r\n", "Upgrade: websocket", 101)]
    [DataRow("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 413 Large\r\n", "Content-Length: 1", 413)]
    public void Finds_the_final_status(string line, string fields, int expected)
    {
        Assert.IsTrue(Http1Head.TryFindFinal(Encoding.ASCII.GetBytes(line + fields), out var status, out var begin));
        Assert.AreEqual((expected, line.Length), (status, begin));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("H")]
    [DataRow("HTTP/1.1 429 Too Many Requests\r")]
    [DataRow("HTTP/1.1 100 Continue\r\n")]
    [DataRow("HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 4")]
    [DataRow("HTTP/1.1 4\r\n29 429\r\n")]
    [DataRow("HTTP/1.1 -29 x\r\n")]
    [DataRow("HTTP/2.0 429 x\r\n")]
    [DataRow("HTTP/1.1 99 xyz\r\n")]
    [DataRow("GET / HTTP/1.1 429\r\n")]
    [DataRow("\r\nHTTP/1.1 429 x\r\n")]
    public void Finds_none_where_none_is_whole(string received) =>
        Assert.IsFalse(Http1Head.TryFindFinal(Encoding.ASCII.GetBytes(received), out _, out _));

    [TestMethod]
    [DataRow("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 28)]
    [DataRow("POST /a HTTP/1.1\r\nContent-Length: 5\r\nHost: h\r\n\r\n", 53)]
    [DataRow("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 44)]
    [DataRow("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 39)]
    public void The_length_of_a_request_is_that_of_head_and_body(string written, long length) =>
        Assert.AreEqual(length, Http1Head.LengthOfRequest(Encoding.ASCII.GetBytes(written)));

    [TestMethod]
    [DataRow("POST /a HTTP/1.1\r\nContent-Length: 5\r\n", DisplayName = "half a head")]
    [DataRow("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", DisplayName = "chunks")]
    [DataRow("GET /a HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", DisplayName = "another protocol")]
    [DataRow("POST /a HTTP/1.1\r\nContent-Length: 5, 6\r\n\r\n", DisplayName = "two lengths")]
    [DataRow("POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n", DisplayName = "no number")]
    public void A_request_whose_head_does_not_tell_its_length_is_never_taken_for_written(string written) =>
        Assert.AreEqual(long.MaxValue, Http1Head.LengthOfRequest(Encoding.ASCII.GetBytes(written)));
}
