using System.Security.Claims;
using System.Security.Cryptography;
using Headroom.Routing.AspNetCore.Tests.Readme;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The sample as it stands, with its own settings: a gateway of YARP's routes that got LLM providers besides.</summary>
[TestClass]
public sealed class ExistingYarpGatewayTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly string Ann = TokenOf("ann");
    private static readonly string Bob = TokenOf("bob");

    private static RawUpstream s_orders = null!;
    private static RawUpstream s_llm = null!;
    private static RawUpstream s_otherLlm = null!;
    private static ReadmeProgram s_gateway = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_orders = RawUpstream.Start();
        s_llm = RawUpstream.Start();
        s_otherLlm = RawUpstream.Start();
        s_gateway = await ReadmeProgram.StartSampleAsync(
            "ExistingYarpGateway",
            $"--ReverseProxy:Clusters:orders:Destinations:one:Address={s_orders.Address}",
            "--Authentication:Schemes:Bearer:SigningKeys:0:Issuer=dotnet-user-jwts",
            $"--Authentication:Schemes:Bearer:SigningKeys:0:Value={Convert.ToBase64String(Key)}",
            $"--Headroom:Providers:OpenAI:BaseAddress={s_llm.Address}",
            $"--Headroom:Upstreams:other={s_otherLlm.Address}",
            "--RequestsPerMinute=3");
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_gateway.DisposeAsync();
        await s_otherLlm.DisposeAsync();
        await s_llm.DisposeAsync();
        await s_orders.DisposeAsync();
    }

    [TestMethod]
    public async Task Its_own_routes_work_as_before_and_no_control_header_leaves_by_them()
    {
        Assert.AreEqual(401, await StatusOfAsync("/orders/7"));
        Assert.AreEqual(200, await StatusOfAsync("/orders/7", $"Authorization: Bearer {Ann}", "X-Headroom-Proxy-Token: secret", "X-Headroom-Upstream: other"));

        var request = s_orders.Requests.Single();
        Assert.AreEqual("/orders/7", request.Target);
        Assert.AreEqual($"Bearer {Ann}", request.Values("Authorization").Single());
        Assert.DoesNotContain(header => HeadroomHeaders.IsControl(header.Name), request.Headers);
    }

    [TestMethod]
    public async Task A_users_token_opens_the_LLMs_and_reaches_none_of_them()
    {
        Assert.AreEqual(401, await StatusOfAsync("/llm/v1/models", "Authorization: Bearer sk-of-the-user"));
        Assert.AreEqual(401, await StatusOfAsync("/llm/v1/models", $"Authorization: Bearer {Ann}"));
        Assert.AreEqual(401, await StatusOfAsync("/llm/v1/models", $"X-Headroom-Proxy-Token: {Ann}x"));

        Assert.AreEqual(200, await StatusOfAsync("/llm/v1/models", $"X-Headroom-Proxy-Token: {Ann}", "Authorization: Bearer sk-of-the-user"));
        var request = s_llm.Requests.First(request => request.Target == "/v1/models");
        Assert.AreEqual("Bearer sk-of-the-user", request.Values("Authorization").Single());
        foreach (var seen in s_llm.Requests.Concat(s_otherLlm.Requests))
        {
            Assert.DoesNotContain(Ann, seen.HeadText);
        }
    }

    [TestMethod]
    public async Task Each_user_has_a_limit_for_each_upstream()
    {
        foreach (var upstream in (string[])["", "other"])
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.AreEqual(200, await StatusOfAsync("/llm/v1/responses", $"X-Headroom-Proxy-Token: {Bob}", $"X-Headroom-Upstream: {upstream}"));
            }

            Assert.AreEqual(429, await StatusOfAsync("/llm/v1/responses", $"X-Headroom-Proxy-Token: {Bob}", $"X-Headroom-Upstream: {upstream}"));
        }

        Assert.AreEqual(200, await StatusOfAsync("/llm/v1/responses", $"X-Headroom-Proxy-Token: {TokenOf("eve")}"));
    }

    private static async Task<int?> StatusOfAsync(string path, params string[] headers) =>
        (await Answer.OfAsync(s_gateway.Address, "GET", path, headers)).Status;

    private static string TokenOf(string name) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = "dotnet-user-jwts",
        Audience = "gateway",
        Subject = new ClaimsIdentity([new Claim(JwtRegisteredClaimNames.UniqueName, name)]),
        SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Key), SecurityAlgorithms.HmacSha256),
    });
}
