using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Headroom.Routing.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.Tests.Connections;

[TestClass]
public sealed class CertificateRulesTests
{
    [TestMethod]
    [DataRow(X509RevocationMode.NoCheck)]
    [DataRow(X509RevocationMode.Online)]
    public void Turns_downloads_of_issuers_off_and_keeps_the_revocation_mode(X509RevocationMode mode)
    {
        var options = new SslClientAuthenticationOptions { CertificateRevocationCheckMode = mode };
        CertificateRules.Apply(options);

        Assert.IsTrue(options.CertificateChainPolicy!.DisableCertificateDownloads);
        Assert.AreEqual(mode, options.CertificateChainPolicy.RevocationMode);
    }

    [TestMethod]
    public void Keeps_the_apps_own_policy_and_does_not_touch_the_original()
    {
        var own = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.Offline };
        var options = new SslClientAuthenticationOptions { CertificateChainPolicy = own };
        CertificateRules.Apply(options);

        Assert.AreEqual(X509ChainTrustMode.CustomRootTrust, options.CertificateChainPolicy.TrustMode);
        Assert.AreEqual(X509RevocationMode.Offline, options.CertificateChainPolicy.RevocationMode);
        Assert.IsTrue(options.CertificateChainPolicy.DisableCertificateDownloads);
        Assert.IsFalse(own.DisableCertificateDownloads);
    }

    [TestMethod]
    public async Task Holds_for_a_guarded_client_whose_TLS_options_were_replaced()
    {
        SocketsHttpHandler? sockets = null;
        var services = new ServiceCollection();
        services.AddHttpClient("images").AddAddressGuard().UseSocketsHttpHandler((handler, _) =>
        {
            handler.SslOptions = new SslClientAuthenticationOptions();
            sockets = handler;
        });
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("images");

        Assert.IsTrue(sockets!.SslOptions.CertificateChainPolicy!.DisableCertificateDownloads);
    }
}
