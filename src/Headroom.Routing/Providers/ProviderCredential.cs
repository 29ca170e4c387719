using System.Diagnostics;

namespace Headroom.Routing;

/// <summary>
/// A header that tells whose API a request is for. Where a request has several, the credentials of added providers decide before those of
/// the <see cref="KnownProviders"/>, and a longer <see cref="ValuePrefix"/> before a shorter one.
/// </summary>
[DebuggerDisplay("{Header}: {ValuePrefix}")]
public sealed class ProviderCredential
{
    /// <summary>Creates a credential.</summary>
    /// <param name="header">The header's name, in any case.</param>
    /// <param name="valuePrefix">What one of its values starts with, without regard to case; <see langword="null"/> if the header's presence is enough.</param>
    /// <exception cref="ArgumentException"><paramref name="header"/> is null or blank.</exception>
    public ProviderCredential(string header, string? valuePrefix = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(header);
        Header = header;
        ValuePrefix = string.IsNullOrEmpty(valuePrefix) ? null : valuePrefix;
    }

    /// <summary>The header's name.</summary>
    public string Header { get; }

    /// <summary>What one of the header's values starts with, without regard to case; <see langword="null"/> if the header's presence is enough.</summary>
    public string? ValuePrefix { get; }

    /// <summary>Where a request has several, the credential with the lowest order decides; see <see cref="CredentialOrder"/>.</summary>
    internal CredentialOrder Order { get; init; }

    /// <summary>Whether the header holds a secret, rather than only telling which API is meant.</summary>
    internal bool IsKey { get; init; } = true;
}
