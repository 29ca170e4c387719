using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.Policy;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Authorization;

/// <summary>Judges whether a caller may go where a request goes: by the caller groups of the configuration, by the app's own policies, and by those that
/// the operator's key is bound to.</summary>
internal static class UpstreamAuthorization
{
    /// <summary>Whether anything restricts the callers of an endpoint or a target.</summary>
    internal static bool IsNeeded(Endpoint endpoint, UpstreamTarget target, CompiledOptions options) =>
        options.Callers.Count > 0 || target.Key is { AllowCallers.Count: > 0 } || endpoint.Metadata.GetMetadata<UpstreamAuthorizationMetadata>() is not null;

    /// <summary>Judges the caller of a request that has a target.</summary>
    /// <returns>The decision as it is for this caller.</returns>
    internal static async ValueTask<UpstreamDecision> JudgeAsync(HttpContext context, Endpoint endpoint, UpstreamDecision decision, CompiledOptions options)
    {
        var target = decision.Target!;
        if (options.Callers.Count > 0)
        {
            var (trust, refusal) = await JudgeByGroupsAsync(context, target, options.Callers);
            if (refusal is not null)
            {
                return decision.With(null, refusal.About(target.Origin));
            }

            target = target.By(trust);
        }

        foreach (var required in endpoint.Metadata.GetOrderedMetadata<UpstreamAuthorizationMetadata>())
        {
            if (await JudgeByPolicyAsync(context, target, required) is { } refusal)
            {
                return decision.With(null, refusal.About(target.Origin));
            }
        }

        if (target.Key is { AllowCallers: { Count: > 0 } policies } && !await SatisfiesOneAsync(context, target, policies))
        {
            return decision.With(null, NotAllowed.Because($"the caller satisfies none of {nameof(UpstreamOptions.AllowCallers)}: {string.Join(", ", policies)}").About(target.Origin));
        }

        return target == decision.Target ? decision : decision.With(target, null);
    }

    // The widest of what the caller's groups allow.
    private static async ValueTask<(UpstreamTrust Trust, Refusal? Refusal)> JudgeByGroupsAsync(
        HttpContext context, UpstreamTarget target, IReadOnlyList<CallerGroup> groups)
    {
        List<string>? causes = null;
        var isPublic = false;
        foreach (var group in groups)
        {
            if (!await IsMemberAsync(context, target, group))
            {
                continue;
            }

            if (group.Reach.Judge(target, out var trust) is { } refusal)
            {
                (causes ??= []).Add($"{group.Key}: {refusal.Detail}");
            }
            else if (trust >= target.Trust)
            {
                return (target.Trust, null);
            }
            else
            {
                isPublic = true;
            }
        }

        return isPublic ? (UpstreamTrust.Public, null)
            : (default, NotAllowed.Because(causes is null ? $"the caller is in no group of {HeadroomOptions.SectionName}:{nameof(HeadroomProxyOptions.Callers)}" : string.Join("; ", causes)));
    }

    private static async ValueTask<bool> IsMemberAsync(HttpContext context, UpstreamTarget target, CallerGroup group) =>
        group.HasClaim(context.User)
        && (group.Policy is not { Length: > 0 } policy || (await Service(context).AuthorizeAsync(context.User, target, policy)).Succeeded);

    private static async ValueTask<bool> SatisfiesOneAsync(HttpContext context, UpstreamTarget target, IReadOnlyList<string> policies)
    {
        foreach (var policy in policies)
        {
            if ((await Service(context).AuthorizeAsync(context.User, target, policy)).Succeeded)
            {
                return true;
            }
        }

        return false;
    }

    private static async ValueTask<Refusal?> JudgeByPolicyAsync(HttpContext context, UpstreamTarget target, UpstreamAuthorizationMetadata required)
    {
        var policy = required.Policy ?? await FindAsync(context.RequestServices.GetRequiredService<IAuthorizationPolicyProvider>(), required.Name);
        if (policy.AuthenticationSchemes.Count > 0)
        {
            await context.RequestServices.GetRequiredService<IPolicyEvaluator>().AuthenticateAsync(policy, context);
        }

        var result = await Service(context).AuthorizeAsync(context.User, target, policy);
        return result.Succeeded ? null : NotAllowed.Because(CauseOf(result.Failure, required.Name));
    }

    private static async ValueTask<AuthorizationPolicy> FindAsync(IAuthorizationPolicyProvider policies, string? name) => name is null
        ? await policies.GetDefaultPolicyAsync()
        : await policies.GetPolicyAsync(name) ?? throw new InvalidOperationException($"There is no authorization policy '{name}'.");

    // Names of types, because what these say of themselves may hold claims and whatever else an app puts there.
    private static string CauseOf(AuthorizationFailure failure, string? policy)
    {
        var failed = failure.FailedRequirements.Select(requirement => requirement.GetType().Name)
            .Concat(failure.FailureReasons.Select(reason => reason.Handler.GetType().Name))
            .DefaultIfEmpty("a handler's Fail()")
            .Distinct();
        return $"the policy{(policy is null ? "" : $" {policy}")} is not satisfied: {string.Join(", ", failed)}";
    }

    private static IAuthorizationService Service(HttpContext context) => context.RequestServices.GetRequiredService<IAuthorizationService>();
}
