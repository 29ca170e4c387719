using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using CsCheck;
using Headroom.Routing.Policy;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Tests.Security;

/// <summary>
/// Whatever a caller writes: what is accepted leads to the host that was judged, and nowhere else. A failure prints a seed, which
/// <c>CsCheck_Seed</c> repeats; <c>HEADROOM_PROPERTY_CASES=1000000</c> tries that many.
/// </summary>
[TestClass]
public partial class UrlPropertyTests
{
    private const string Named = "http://10.9.8.7:81/base/v4";

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly int Cases = int.TryParse(
        Environment.GetEnvironmentVariable("HEADROOM_PROPERTY_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out var cases) ? cases : 20_000;

    // Everything may be named, so that nothing hides behind the allow-list.
    private static readonly UpstreamResolver Anywhere = UpstreamResolver.Create(new()
    {
        AllowedUpstreams = { "https://*:*", "http://*:*" },
        Upstreams = { ["local"] = Named },
    });

    private static readonly UpstreamResolver Listed = UpstreamResolver.Create(new()
    {
        AllowedUpstreams = { "http://127.0.0.1:*/api", "https://*.example.com" },
        Upstreams = { ["local"] = Named },
    });

    [TestMethod]
    public void What_is_parsed_is_what_would_be_dialed() => HostileUrls.Overrides.Sample(CheckParsed, iter: Cases);

    [TestMethod]
    public void A_target_leads_to_the_upstream_that_was_judged() =>
        Gen.Select(HostileUrls.Overrides, HostileUrls.Targets, Gen.Int[0, 3], HostileUrls.Targets)
            .Sample((value, target, way, original) => CheckResolved(Anywhere, value, target, way, original), iter: Cases);

    [TestMethod]
    public void A_target_is_one_that_the_allow_list_holds() =>
        Gen.Select(HostileUrls.Overrides, HostileUrls.Targets, Gen.Int[0, 3], HostileUrls.Targets)
            .Sample((value, target, way, original) => CheckResolved(Listed, value, target, way, original), iter: Cases);

    [TestMethod]
    public void An_allow_list_entry_is_read_or_refused() => HostileUrls.Overrides.Sample(
        value =>
        {
            if (AllowedUpstream.TryParse("key", value, out var entry, out var fault))
            {
                // What is written as one URL opens that one; any port, the one that is tried.
                var trimmed = value.Trim();
                var url = (trimmed.Contains("://", StringComparison.Ordinal) ? trimmed : "https://" + trimmed).Replace(":*", ":8443", StringComparison.Ordinal);
                Assert.IsTrue(entry.IsWildcard || (UpstreamOverride.TryParse(url, out var upstream) && entry.CoversOrigin(upstream)));
            }
            else
            {
                Assert.IsNotNull(fault);
            }
        },
        iter: Cases);

    private static void CheckParsed(string value)
    {
        if (!UpstreamOverride.TryParse(value, out var upstream, out var refusal))
        {
            Assert.AreEqual(RefusalReason.InvalidUpstream, refusal.Reason);
            return;
        }

        // What SocketsHttpHandler would resolve and dial, and what goes into the Host header.
        var uri = new Uri(upstream.Verbatim, Verbatim);
        Assert.AreEqual(upstream.Host, uri.Host);
        Assert.AreEqual(upstream.Host.Trim('[', ']'), uri.IdnHost);
        Assert.AreEqual(upstream.Port, uri.Port);
        Assert.AreEqual(upstream.Scheme, uri.Scheme);
        Assert.AreEqual("", uri.UserInfo + uri.Query + uri.Fragment);
        Assert.IsTrue(System.Text.Ascii.IsValid(upstream.Host));
        Assert.AreEqual(upstream.Host.ToLowerInvariant(), upstream.Host);

        // The guard reads the host by IPAddress: it must not see a name where the policy saw an address.
        Assert.AreEqual(upstream.Address is not null, IPAddress.TryParse(uri.IdnHost, out var address));
        Assert.AreEqual(upstream.Address, address);

        // What any parser could take for an IPv4 address is one, and was written as one.
        Assert.AreEqual(upstream.Address is { AddressFamily: AddressFamily.InterNetwork }, EndsInNumber().IsMatch(upstream.Host));
        Assert.IsTrue(upstream.Address is not { AddressFamily: AddressFamily.InterNetwork } || value.Contains(upstream.Address.ToString(), StringComparison.Ordinal));

        // Parsed again it is the same.
        Assert.AreEqual(upstream, UpstreamOverride.Parse(upstream.Verbatim));
        Assert.AreEqual(upstream.Origin, UpstreamOverride.Parse(upstream.Normalized).Origin);
        Assert.StartsWith(upstream.NormalizedPath, upstream.Path);
    }

    [SuppressMessage("Performance", "CA1859", Justification = "The resolver's own type.")]
    private static void CheckResolved(UpstreamResolver resolver, string value, string target, int way, string original)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase)
        {
            [way == 1 ? HeadroomHeaders.BaseUrl : HeadroomHeaders.Upstream] = value,
        };
        if (way == 2)
        {
            headers[HeadroomHeaders.OriginalPath] = original;
        }

        if (!resolver.TryResolve("POST", way == 3 ? "/upstream" + target : target, headers, out var result, out var refusal))
        {
            Assert.IsNotNull(refusal);
            Assert.IsFalse(refusal.Message.Contains("u:p", StringComparison.Ordinal), "A refusal repeats credentials.");
            return;
        }

        var uri = result.Uri;
        Assert.AreEqual("", uri.UserInfo + uri.Fragment);
        Assert.AreEqual(result.Origin, uri.GetLeftPart(UriPartial.Authority));
        Assert.AreEqual(uri.Host.Trim('[', ']'), uri.IdnHost);

        // As another parser would read it: nothing moves when dot segments are resolved, however often it is decoded.
        var canonical = new Uri(uri.OriginalString);
        Assert.AreEqual(uri.IdnHost, canonical.IdnHost);
        for (var (path, i) = (uri.AbsolutePath, 0); i < 3; i++)
        {
            Assert.DoesNotContain(segment => segment.Split(';')[0] is "." or "..", path.Split('/', '\\'), uri.OriginalString);
            path = Uri.UnescapeDataString(path);
        }

        switch (result.Choice)
        {
            case UpstreamChoice.Override:
                var upstream = UpstreamOverride.Parse(value);
                Assert.AreEqual(upstream.Host, uri.Host);
                Assert.AreEqual(upstream.Origin, result.Origin);
                Assert.IsTrue(way == 2 || PathSegments.IsAtOrBelow(uri.AbsolutePath, upstream.NormalizedPath), uri.OriginalString);
                break;
            case UpstreamChoice.Named when value.Trim() == "local":
                Assert.IsTrue(uri.OriginalString.StartsWith(Named, StringComparison.Ordinal));
                break;
        }

        CheckTrust(resolver, result, uri);
    }

    private static void CheckTrust(UpstreamResolver resolver, UpstreamTarget result, Uri uri)
    {
        if (result.Trust == UpstreamTrust.Public)
        {
            Assert.IsFalse(IPAddress.TryParse(uri.IdnHost, out var address) ? !AddressRules.IsPublic(address) : RefusedNames.IsRefused(uri.IdnHost), uri.OriginalString);
        }

        if (resolver == Listed && result.Choice == UpstreamChoice.Override && uri.IdnHost == "127.0.0.1")
        {
            Assert.IsTrue(PathSegments.IsAtOrBelow(uri.AbsolutePath, "/api"), uri.OriginalString);
        }
    }

    [GeneratedRegex(@"(^|\.)(\d+|0x[0-9a-f]*)$", RegexOptions.ECMAScript)]
    private static partial Regex EndsInNumber();
}
