using Microsoft.AspNetCore.Authorization;

namespace Headroom.Routing.AspNetCore.Authorization;

/// <summary>Says that a caller of an endpoint must satisfy a policy, which judges where the request goes.</summary>
/// <param name="Policy">The policy, if it is given itself.</param>
/// <param name="Name">The name of the policy; if that is <see langword="null"/> too, the app's default policy is meant.</param>
internal sealed record UpstreamAuthorizationMetadata(AuthorizationPolicy? Policy, string? Name);
