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
        _rules = new ForwardingRules(new CompiledOptions(options, resolver, [], new GatewayTokens(options.Tokens, KnownProviders.All)), KnownProviders.All);

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
    public void Request()
    {
        using var request = NewRequest();
        RequestHead.Complete(request, _context.Request, _target, _rules, default);
    }

    [Benchmark]
    public async Task Request_by_YARP()
    {
        using var request = NewRequest();
        await HttpTransformer.Default.TransformRequestAsync(_context, request, _target.Origin, CancellationToken.None);
    }

    [Benchmark]
    public void Json_response() => CopyHead(ProviderAnswer.Json(_request));

    [Benchmark]
    public Task Json_response_by_YARP() => CopyHeadByYarpAsync(ProviderAnswer.Json(_request));

    [Benchmark]
    public void Stream_response() => CopyHead(ProviderAnswer.Stream(_request));

    [Benchmark]
    public Task Stream_response_by_YARP() => CopyHeadByYarpAsync(ProviderAnswer.Stream(_request));

    private static HttpRequestMessage NewRequest() => new(HttpMethod.Post, (Uri?)null) { Content = new ByteArrayContent([]) };

    private void CopyHead(HttpResponseMessage response)
    {
        _context.Response.Headers.Clear();
        using (response)
        {
            _ = AnswerHead.Copy(response, _context, _rules.ResponseHeaders);
        }
    }

    private async Task CopyHeadByYarpAsync(HttpResponseMessage response)
    {
        _context.Response.Headers.Clear();
        using (response)
        {
            await HttpTransformer.Default.TransformResponseAsync(_context, response, CancellationToken.None);
        }
    }
}
