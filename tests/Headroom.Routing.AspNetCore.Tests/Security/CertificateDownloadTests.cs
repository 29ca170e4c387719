using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>
/// A certificate may say where its issuer's can be downloaded (RFC 5280, section 4.2.2.1). Whoever presents it wrote that URL: to follow it
/// would be a request past the guard, and a wait of 15 seconds for an address that does not answer.
/// </summary>
[TestClass]
public sealed class CertificateDownloadTests
{
    [TestMethod]
    [DataRow("as it is")]
    [DataRow("TLS options of the app")]
    [DataRow("a chain policy of the app")]
    public async Task An_unknown_issuer_is_told_at_once_and_not_looked_for(string configured)
    {
        await using var inside = RawUpstream.Start(_ => new TaskCompletionSource().Task);
        using var certificate = Certificate(new Uri(inside.Address, "/issuer.cer"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, certificate);
        await using var host = await Gateway.ToAsync(
            new Uri("http://127.0.0.1:9"),
            proxy => proxy.ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.SslOptions = configured switch
            {
                "TLS options of the app" => new SslClientAuthenticationOptions(),
                "a chain policy of the app" => new SslClientAuthenticationOptions { CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck } },
                _ => handler.SslOptions,
            })),
            ("Headroom:Upstreams:named", $"https://{listener.LocalEndpoint}"));
        using var client = host.CreateClient();
        client.DefaultRequestHeaders.Add("X-Headroom-Upstream", "named");
        using var response = await client.GetAsync("/v1/models");
        await ErrorAssert.IsAsync(response, 424, "upstream_unreachable", retry: false);
        Assert.AreEqual(0, await inside.CountConnectionsAsync());
        await serving.WithPatience("the handshake to fail");
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(connection.GetStream());
        try
        {
            // Offline: the server's own side would look for the issuer too.
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            });
            await tls.ReadExactlyAsync(new byte[1]);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The gateway does not trust the certificate.
        }
    }

    private static X509Certificate2 Certificate(Uri issuerUrl)
    {
        var now = DateTimeOffset.UtcNow;
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuerRequest = new CertificateRequest("CN=nobody knows", issuerKey, HashAlgorithmName.SHA256);
        issuerRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var issuer = issuerRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, [issuerUrl.ToString()]));
        using var signed = request.Create(issuer, now.AddHours(-1), now.AddHours(1), [1, 2, 3]);
        using var certificate = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }
}
