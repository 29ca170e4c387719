using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>Sees whatever would leave: requests and lookups.</summary>
internal sealed class WatchedUpstreams : IAsyncDisposable
{
    private readonly EchoHandler _handler = new();
    private readonly FakeResolver _resolver = new();

    public (int Requests, int Lookups) Touched => (_handler.Count, _resolver.Lookups.Count);

    public void AddTo(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IHostResolver>(_resolver);
        builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(_handler);
    }

    public Task<GatewayHost> StartAsync(params (string Key, string Value)[] settings) => StartAsync(
        app =>
        {
            app.MapHeadroomRoutes();
            app.MapHeadroomExplain();
        },
        settings);

    public Task<GatewayHost> StartAsync(Action<WebApplication> map, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings);
            AddTo(builder);
        },
        map);

    public ValueTask DisposeAsync()
    {
        _handler.Dispose();
        return ValueTask.CompletedTask;
    }
}
