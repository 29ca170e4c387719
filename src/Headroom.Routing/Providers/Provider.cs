using System.Diagnostics;

namespace Headroom.Routing;

/// <summary>A provider, as data: where its API is, which paths are its own, and which credentials tell that a request is for it.</summary>
[DebuggerDisplay("{Name}")]
public sealed class Provider
{
    /// <summary>The name, as in <c>Headroom:Providers:{Name}:BaseAddress</c>, in logs and in refusals. It is unique without regard to case.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The value of <c>gen_ai.provider.name</c> in metrics and traces. The name in lower case, unless OpenTelemetry has a word of its own for the provider
    /// (https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/).
    /// </summary>
    public string TelemetryName { get => field ??= Name.ToLowerInvariant(); init; }

    /// <summary>The base URL of its public API; <see langword="null"/> where each customer has their own, which must be configured or named by an override.</summary>
    public string? BaseAddress { get; init; }

    /// <summary>How the base URL follows from a request's path, for APIs with one host for each region. A configured base address goes first.</summary>
    public RegionalBaseAddress? Region { get; init; }

    /// <summary>The environment variable that sets the base where <c>Headroom:Providers:{Name}:BaseAddress</c> does not.</summary>
    public string? BaseAddressVariable { get; init; }

    /// <summary>Whether it is called over HTTP/1.1 only, because it mistreats proxies that speak HTTP/2.</summary>
    public bool Http11Only { get; init; }

    /// <summary>The shape in which its clients expect errors.</summary>
    public Dialect Dialect { get; init; }

    /// <summary>The credentials that tell that a request on a shared path is for this provider.</summary>
    public IReadOnlyList<ProviderCredential> Credentials { get; init; } = [];

    /// <summary>The paths that it serves.</summary>
    public required IReadOnlyList<ProviderRoute> Routes { get; init; }
}
