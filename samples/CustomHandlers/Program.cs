using System.Net.Sockets;
using Headroom.CustomHandlers;
using Microsoft.Extensions.Http.Resilience;
using Polly;

// A gateway with two handlers of its own: one changes what is sent to one upstream, the other connects again where that failed.
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddHeadroomProxy().ConfigureHttpClients(client =>
{
    client.AddHttpMessageHandler(() => new RedactionHandler("partner"));
    client.AddResilienceHandler("connect", pipeline => pipeline.AddRetry(new HttpRetryStrategyOptions
    {
        // Without a connection nothing was sent. After any other failure, the upstream may have begun to work on the request.
        ShouldHandle = attempt => ValueTask.FromResult(
            attempt.Outcome.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException }),
        MaxRetryAttempts = 2,
        Delay = TimeSpan.FromMilliseconds(200),
    }));
});

var app = builder.Build();
app.MapHeadroomRoutes();
app.Run();
