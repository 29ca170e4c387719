using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>An app with a life of its own: endpoints, controllers, static files, a path base and a fallback. With the proxy in it, or without.</summary>
internal sealed class BusyHost : IAsyncDisposable
{
    private readonly string _webRoot;
    private readonly GatewayHost _host;

    private BusyHost(string webRoot, GatewayHost host, EchoHandler upstreams)
    {
        _webRoot = webRoot;
        _host = host;
        Upstreams = upstreams;
    }

    public static IReadOnlyDictionary<string, Action<WebApplication>> Fallbacks { get; } = new Dictionary<string, Action<WebApplication>>
    {
        ["nothing"] = _ => { },
        ["page"] = app => app.MapFallback((HttpContext context) => Results.Text($"page {context.Request.Path}", statusCode: 404)),
        // A dynamic endpoint: it is found by another way through routing than all others.
        ["controller"] = app => app.MapFallbackToController("Missing", "Model"),
    };

    public Uri Address => _host.Address;

    public Uri Http2Address => _host.Http2Address;

    public EchoHandler Upstreams { get; }

    /// <param name="map">Maps the proxy; <see langword="null"/>: the app is without it.</param>
    /// <param name="fallback">How the app answers unknown paths; one of <see cref="Fallbacks"/>.</param>
    /// <param name="settings">Settings of the proxy.</param>
    public static async Task<BusyHost> StartAsync(Action<WebApplication>? map, string fallback = "page", params (string Key, string Value)[] settings)
    {
        var webRoot = Directory.CreateTempSubdirectory("headroom-").FullName;
        await File.WriteAllTextAsync(Path.Combine(webRoot, "site.css"), "body{}");
        Directory.CreateDirectory(Path.Combine(webRoot, "model", "car"));
        await File.WriteAllTextAsync(Path.Combine(webRoot, "model", "car", "wheel.txt"), "round");
        var upstreams = new EchoHandler();
        var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Environment.WebRootPath = webRoot;
                builder.Environment.WebRootFileProvider = new PhysicalFileProvider(webRoot);
                builder.Services.AddControllersWithViews()
                    .ConfigureApplicationPartManager(parts => parts.ApplicationParts.Add(new AssemblyPart(typeof(BusyHost).Assembly)));
                if (map is not null)
                {
                    builder.Configuration.AddSettings(settings);
                    builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("https://a.example"))
                        .UseUnguardedPrimaryHandler(upstreams);
                }
            },
            app =>
            {
                app.UsePathBase("/base");
                app.UseRouting();
                app.UseStaticFiles();
                app.MapGet("/own", () => "own");
                app.MapGet("/own/{id:int}", (int id) => $"own {id}");
                app.MapMethods("/own/any", ["GET", "POST"], () => "any");
                app.MapGet("/grp/{tenant}/settings", (string tenant) => $"settings of {tenant}");
                app.MapPost("/v1/mine", () => "mine");
                app.MapControllerRoute("default", "{controller}/{action}/{id?}");
                Fallbacks[fallback](app);
                map?.Invoke(app);
            });
        return new BusyHost(webRoot, host, upstreams);
    }

    public Task<Answer> AskAsync(string method, string target, params string[] headers) => Answer.OfAsync(Address, method, target, headers);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_webRoot, recursive: true);
        Upstreams.Dispose();
    }
}

/// <summary>A controller of the app's own, found by the conventional route alone.</summary>
public sealed class ModelController : Controller
{
    [HttpGet]
    public ContentResult Details(string id) => Content($"model {id}");

    public ContentResult Missing() => Content($"nothing at {Request.Path}");
}
