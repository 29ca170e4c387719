using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.Benchmarks;

/// <summary>Decides where a request goes, by headers as an SDK sends them.</summary>
[MemoryDiagnoser]
public class DecideBenchmarks
{
    // More than the resolver keeps, so that it has forgotten each one when its turn comes again.
    private const int Strangers = 4096;

    private const string Chat = "/v1/chat/completions";

    private readonly UpstreamResolver _resolver = UpstreamResolver.Create(new HeadroomOptions
    {
        AllowedUpstreams = { "https://*" },
        Upstreams = { ["local"] = "http://127.0.0.1:11434/v1" },
        Providers = { ["Bedrock"] = new() { BaseAddress = "https://bedrock-runtime.eu-west-1.amazonaws.com" } },
    });

    private readonly HeaderDictionary _known = Headers("Authorization", "Bearer sk-bench", "https://api.deepseek.com/v1");
    private readonly HeaderDictionary _stranger = Headers("Authorization", "Bearer sk-bench", "");
    private readonly HeaderDictionary _named = Headers("Authorization", "Bearer sk-bench", "local");
    private readonly HeaderDictionary _openAI = Headers("Authorization", "Bearer sk-bench");
    private readonly HeaderDictionary _anthropic = Headers("x-api-key", "sk-ant-bench");
    private readonly HeaderDictionary _gemini = Headers("x-goog-api-key", "AIzaBench");
    private readonly HeaderDictionary _bedrock = Headers("Authorization", "AWS4-HMAC-SHA256 Credential=bench");
    private readonly string[] _strangers = [.. Enumerable.Range(0, Strangers).Select(i => $"https://upstream-{i}.example/v1")];
    private int _next;

    [Benchmark(Baseline = true)]
    public UpstreamTarget Known_override() => Decide("POST", Chat, _known);

    [Benchmark]
    public UpstreamTarget First_sight_of_an_override()
    {
        _stranger[HeadroomHeaders.Upstream] = _strangers[_next++ % Strangers];
        return Decide("POST", Chat, _stranger);
    }

    [Benchmark]
    public UpstreamTarget By_name() => Decide("POST", Chat, _named);

    [Benchmark]
    public UpstreamTarget By_name_in_the_path() => Decide("POST", "/@deepseek/v1/chat/completions", _openAI);

    [Benchmark]
    public UpstreamTarget Default() => Decide("POST", Chat, _openAI);

    [Benchmark]
    public UpstreamTarget Gemini() => Decide("POST", "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", _gemini);

    [Benchmark]
    public UpstreamTarget Bedrock() => Decide("POST", "/model/anthropic.claude-sonnet-4-20250514-v1%3A0/invoke", _bedrock);

    [Benchmark]
    public UpstreamTarget Catch_all_by_credentials() => Decide("GET", "/v1/organizations/me", _anthropic);

    private UpstreamTarget Decide(string method, string pathAndQuery, HeaderDictionary headers) =>
        _resolver.TryResolve(method, pathAndQuery, headers, out var target, out var refusal) ? target : throw new InvalidOperationException(refusal.Message);

    private static HeaderDictionary Headers(string credential, string value, string? upstream = null)
    {
        var headers = SdkHeaders.Create();
        headers[credential] = value;
        if (upstream is not null)
        {
            headers[HeadroomHeaders.Upstream] = upstream;
        }

        return headers;
    }
}
