using System.Text;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.Benchmarks;

/// <summary>What the SDKs of the providers send along with each request, more or less.</summary>
internal static class SdkHeaders
{
    internal static HeaderDictionary Create() => new()
    {
        ["Host"] = "127.0.0.1:8787",
        ["Accept"] = "application/json",
        ["Content-Type"] = "application/json",
        ["Content-Length"] = "4096",
        ["User-Agent"] = "OpenAI/JS 6.49.0",
        ["X-Stainless-Lang"] = "js",
        ["X-Stainless-Package-Version"] = "6.49.0",
        ["X-Stainless-OS"] = "Linux",
        ["X-Stainless-Arch"] = "x64",
        ["X-Stainless-Runtime"] = "node",
        ["X-Stainless-Retry-Count"] = "0",
        ["Accept-Language"] = "*",
        ["Accept-Encoding"] = "gzip, deflate",
        ["Connection"] = "keep-alive",
    };

    /// <summary>A whole request as it comes over the wire, with a key and an override.</summary>
    internal static byte[] Request(string method, string path, string upstream, int bodyLength)
    {
        var headers = Create();
        headers["Authorization"] = "Bearer sk-bench";
        headers[HeadroomHeaders.Upstream] = upstream;
        if (bodyLength == 0)
        {
            headers.Remove("Content-Type");
            headers.Remove("Content-Length");
        }
        else
        {
            headers.ContentLength = bodyLength;
        }

        var head = $"{method} {path} HTTP/1.1\r\n{string.Concat(headers.Select(header => $"{header.Key}: {header.Value}\r\n"))}\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. new byte[bodyLength]];
    }
}
