using BenchmarkDotNet.Attributes;
using Headroom.Routing.AspNetCore;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Forwarding;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.Benchmarks;

/// <summary>What happens to headers in each direction, beside the least that YARP does. The messages are made anew each time; that is counted for both.</summary>
[MemoryDiagnoser]
public class TransformBenchmarks
{
    private const string Upstream = "https://api.deepseek.com/v1";

    private readonly DefaultHttpContext _context = new();
    private readonly HttpRequestMessage _request = new(HttpMethod.Post, Upstream);
    private readonly UpstreamTarget _target;
    private readonly ForwardingRules _rules;

    public TransformBenchmarks()
    {
        var options = new HeadroomProxyOptions();
        var resolver = UpstreamResolver.Create(options);
        _rules = new ForwardingRules(new CompiledOptions(options, resolver), KnownProviders.All);

        _context.Request.Method = "POST";
        foreach (var (name, value) in SdkHeaders.Create())
        {
            _context.Request.Headers[name] = value;
        }

        _context.Request.Headers.Authorization = "Bearer sk-bench";
        _context.Request.Headers[HeadroomHeaders.Upstream] = Upstream;
        _target = resolver.TryResolve("POST", "/v1/chat/completions", _context.Request.Headers, out var target, out var refusal)
            ? target
            : throw new InvalidOperationException(refusal.Message);
    }

    [Benchmark]
    public Task Request() => TransformRequestAsync(new UpstreamTransformer(_target, _rules));

    [Benchmark]
    public Task Request_by_YARP() => TransformRequestAsync(HttpTransformer.Default);

    [Benchmark]
    public Task Json_response() => TransformResponseAsync(new UpstreamTransformer(_target, _rules), ProviderAnswer.Json(_request));

    [Benchmark]
    public Task Json_response_by_YARP() => TransformResponseAsync(HttpTransformer.Default, ProviderAnswer.Json(_request));

    [Benchmark]
    public Task Stream_response() => TransformResponseAsync(new UpstreamTransformer(_target, _rules), ProviderAnswer.Stream(_request));

    [Benchmark]
    public Task Stream_response_by_YARP() => TransformResponseAsync(HttpTransformer.Default, ProviderAnswer.Stream(_request));

    private async Task TransformRequestAsync(HttpTransformer transformer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, (Uri?)null) { Content = new ByteArrayContent([]) };
        await transformer.TransformRequestAsync(_context, request, _target.Origin, CancellationToken.None);
    }

    private async Task TransformResponseAsync(HttpTransformer transformer, HttpResponseMessage response)
    {
        _context.Response.Headers.Clear();
        using (response)
        {
            await transformer.TransformResponseAsync(_context, response, CancellationToken.None);
        }
    }
}
