using Headroom.Routing;
using Headroom.Routing.AspNetCore.Authorization;
using Headroom.Routing.AspNetCore.Configuration;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Restricts where the callers of the proxy's routes may go.</summary>
public static class HeadroomEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Lets a request go only where the app's default authorization policy lets its caller go. The policy is asked after the target was resolved and before
    /// anything is sent, with the <see cref="UpstreamTarget"/> as its resource; so rules are <c>AuthorizationHandler&lt;TRequirement, UpstreamTarget&gt;</c>.
    /// Whoever may not gets the same 403 as for an upstream that nobody may reach.
    /// </summary>
    /// <remarks>
    /// What the app allows nobody stays refused. Of several calls, all policies must be satisfied; <c>AllowAnonymous()</c> lifts none of them. An exception is a
    /// 500, and nothing is sent.
    /// </remarks>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The builder that <c>MapHeadroomRoutes()</c> returned, or that of a group around it.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException"><c>AddAuthorization()</c> was not called, or there is no policy of that name.</exception>
    public static TBuilder RequireUpstreamAuthorization<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Require(builder, new UpstreamAuthorizationMetadata(null, null));

    /// <summary>
    /// Lets a request go only where the app's authorization policies let its caller go. They are asked after the target was resolved and before anything is
    /// sent, with the <see cref="UpstreamTarget"/> as their resource; so rules are <c>AuthorizationHandler&lt;TRequirement, UpstreamTarget&gt;</c>. Whoever may
    /// not gets the same 403 as for an upstream that nobody may reach.
    /// </summary>
    /// <inheritdoc cref="RequireUpstreamAuthorization{TBuilder}(TBuilder)"/>
    /// <param name="builder">The builder that <c>MapHeadroomRoutes()</c> returned, or that of a group around it.</param>
    /// <param name="policyNames">The names of the policies. None means the default policy.</param>
    public static TBuilder RequireUpstreamAuthorization<TBuilder>(this TBuilder builder, params string[] policyNames)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(policyNames);
        return policyNames.Length == 0
            ? RequireUpstreamAuthorization(builder)
            : Require(builder, [.. policyNames.Select(name => new UpstreamAuthorizationMetadata(null, name ?? throw new ArgumentNullException(nameof(policyNames))))]);
    }

    /// <summary>
    /// Lets a request go only where an authorization policy lets its caller go. It is asked after the target was resolved and before anything is sent, with
    /// the <see cref="UpstreamTarget"/> as its resource. Whoever may not gets the same 403 as for an upstream that nobody may reach.
    /// </summary>
    /// <inheritdoc cref="RequireUpstreamAuthorization{TBuilder}(TBuilder)"/>
    /// <param name="builder">The builder that <c>MapHeadroomRoutes()</c> returned, or that of a group around it.</param>
    /// <param name="policy">The policy.</param>
    public static TBuilder RequireUpstreamAuthorization<TBuilder>(this TBuilder builder, AuthorizationPolicy policy)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Require(builder, new UpstreamAuthorizationMetadata(policy, null));
    }

    /// <inheritdoc cref="RequireUpstreamAuthorization{TBuilder}(TBuilder, AuthorizationPolicy)"/>
    /// <param name="builder">The builder that <c>MapHeadroomRoutes()</c> returned, or that of a group around it.</param>
    /// <param name="configurePolicy">Builds the policy.</param>
    public static TBuilder RequireUpstreamAuthorization<TBuilder>(this TBuilder builder, Action<AuthorizationPolicyBuilder> configurePolicy)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(configurePolicy);
        var policy = new AuthorizationPolicyBuilder();
        configurePolicy(policy);
        return RequireUpstreamAuthorization(builder, policy.Build());
    }

    private static TBuilder Require<TBuilder>(TBuilder builder, params UpstreamAuthorizationMetadata[] required)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);

        // A group knows the app's services, so a mistake is told here and not to the first caller.
        if (builder is IEndpointRouteBuilder { ServiceProvider: var services })
        {
            foreach (var one in required)
            {
                if (PolicyNames.ErrorOf(services, one.Name) is { } error)
                {
                    throw new InvalidOperationException($"RequireUpstreamAuthorization(): {error}");
                }
            }
        }

        builder.Add(endpoint =>
        {
            foreach (var one in required)
            {
                endpoint.Metadata.Add(one);
            }
        });
        return builder;
    }
}
