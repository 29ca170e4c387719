using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Starts gateways whose OpenAI upstream is a test's.</summary>
internal static class Gateway
{
    public static Task<GatewayHost> ToAsync(Uri upstream, params (string Key, string Value)[] settings) => ToAsync(upstream, _ => { }, settings);

    public static Task<GatewayHost> ToAsync(Uri upstream, Action<HeadroomProxyBuilder> configure, params (string Key, string Value)[] settings) =>
        GatewayHost.StartAsync(builder => configure(builder.AddProxyTo(upstream, settings)), app => app.MapHeadroomRoutes());

    /// <summary>A gateway that trusts the certificate of an HTTP/2 upstream.</summary>
    public static Task<GatewayHost> ToAsync(KestrelUpstream upstream, params (string Key, string Value)[] settings) =>
        ToAsync(upstream.Address, proxy => proxy.Trust(upstream), settings);

    /// <summary>Adds the proxy to an app that a test shapes further.</summary>
    public static HeadroomProxyBuilder AddProxyTo(this WebApplicationBuilder builder, Uri upstream, params (string Key, string Value)[] settings)
    {
        builder.Configuration.AddSettings([("Headroom:Providers:OpenAI:BaseAddress", upstream.ToString()), .. settings]);
        return builder.Services.AddHeadroomProxy();
    }

    public static void Trust(this HeadroomProxyBuilder proxy, KestrelUpstream upstream)
    {
        if (upstream.Address.Scheme == Uri.UriSchemeHttps)
        {
            proxy.ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.SslOptions = upstream.TrustOptions()));
        }
    }

    /// <summary>A client of the version that a test is about.</summary>
    public static HttpClient CreateClient(this GatewayHost host, bool http2) => http2 ? host.CreateHttp2Client() : host.CreateClient();

    /// <summary>The bytes of a request without a body.</summary>
    public static string Request(string method, string target, params string[] headers) =>
        $"{method} {target} HTTP/1.1\r\nHost: gateway\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    /// <summary>Waits for something that a test's own steps bring about.</summary>
    public static async Task WithPatience(this Task task, string what) => await Patience.For(AsResult(task), what);

    private static async Task<bool> AsResult(Task task)
    {
        await task;
        return true;
    }
}
