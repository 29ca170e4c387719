using BenchmarkDotNet.Attributes;

namespace Headroom.Routing.Benchmarks;

/// <summary>Reads the value of <c>X-Headroom-Upstream</c>, as is done the first time that one is seen.</summary>
[MemoryDiagnoser]
public class ParseBenchmarks
{
    [Benchmark]
    public bool Name() => UpstreamOverride.TryParse("https://api.deepseek.com/v1", out _);

    [Benchmark]
    public bool Address_and_port() => UpstreamOverride.TryParse("http://127.0.0.1:11434/v1", out _);

    [Benchmark]
    public bool Address_v6() => UpstreamOverride.TryParse("http://[2001:db8::1]:8000/v1", out _);

    [Benchmark]
    public bool International_name() => UpstreamOverride.TryParse("https://bücher.example/v1", out _);

    [Benchmark]
    public bool Refused() => UpstreamOverride.TryParse("https://user@api.deepseek.com/v1", out _);
}
