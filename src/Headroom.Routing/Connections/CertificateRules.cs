using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Routing.Connections;

/// <summary>
/// Checks certificates only against what the upstream sent and the system trusts. By default, a missing issuer is downloaded from the URL that the
/// certificate names (RFC 5280, section 4.2.2.1). That is a request to wherever the upstream says, past the address guard, and no timeout ends it for
/// up to 15 seconds.
/// </summary>
internal static class CertificateRules
{
    /// <summary>Turns downloads off and keeps everything else as the app configured it.</summary>
    internal static void Apply(SslClientAuthenticationOptions options)
    {
        var policy = options.CertificateChainPolicy?.Clone()
            ?? new X509ChainPolicy { RevocationMode = options.CertificateRevocationCheckMode };
        policy.DisableCertificateDownloads = true;
        options.CertificateChainPolicy = policy;
    }
}
