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
}
