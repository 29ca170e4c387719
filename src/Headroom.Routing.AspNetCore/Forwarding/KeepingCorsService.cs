using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>The app's CORS service, which keeps what it decides, because the middleware tells nobody which policy it ran with.</summary>
internal sealed class KeepingCorsService(ICorsService service) : ICorsService
{
    public CorsResult EvaluatePolicy(HttpContext context, CorsPolicy policy)
    {
        var result = service.EvaluatePolicy(context, policy);
        CorsDecision.Keep(context, policy, result);
        return result;
    }

    public void ApplyResult(CorsResult result, HttpResponse response) => service.ApplyResult(result, response);
}
