using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication.JwtBearer;

// A gateway that a team has already, with routes of YARP's and tokens of its own users. What the LLM providers add is marked.
var builder = WebApplication.CreateBuilder(args);

builder.Services.AddReverseProxy()
    .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
    .AddHeadroomTransforms(); // LLM: no x-headroom-* header leaves by the gateway's own routes

builder.Services.AddHeadroomProxy(); // LLM

builder.Services.AddAuthorization();
builder.Services.AddAuthentication().AddJwtBearer(jwt => jwt.Events = new JwtBearerEvents
{
    OnMessageReceived = received =>
    {
        // LLM: Authorization carries the provider's key there, so the user's token travels in a header that never leaves.
        if (received.HttpContext.GetUpstreamDecision() is not null)
        {
            received.Token = received.Request.Headers["X-Headroom-Proxy-Token"];
            if (string.IsNullOrEmpty(received.Token))
            {
                received.NoResult();
            }
        }

        return Task.CompletedTask;
    },
});

// LLM: each user has as many requests a minute for each upstream, so a busy one does not use up the others.
builder.Services.AddRateLimiter(limits =>
{
    limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
    limits.AddPolicy("upstream", context => RateLimitPartition.GetFixedWindowLimiter(
        (context.User.Identity?.Name, context.GetUpstreamTarget()?.Origin),
        _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = builder.Configuration.GetValue("RequestsPerMinute", 60),
            Window = TimeSpan.FromMinutes(1),
        }));
});

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.UseRateLimiter();
app.MapReverseProxy();
app.MapHeadroomRoutes("/llm").RequireAuthorization().RequireRateLimiting("upstream"); // LLM: below a prefix, out of the other routes' way
app.Run();
