using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Headroom.DemoUpstream;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenAI.Chat;

namespace Headroom.Routing.AspNetCore.Tests.Errors;

/// <summary>What a person sees who calls through the gateway with the providers' own clients.</summary>
[TestClass]
public sealed class SdkErrorTests
{
    private const string Unknown = "There is no upstream of that name.";
    private const string NotAllowed = "The upstream is not allowed, or does not resolve to a public address.";
    private const string Unreachable = "The upstream could not be connected to.";

    private static readonly ClosedPort Closed = new();

    private static int s_requests;
    private static GatewayHost s_host = null!;
    private static DemoUpstreamServer s_demo = null!;

    public static IEnumerable<object[]> Failures =>
    [
        ["no-such-name", 400, Unknown, true],
        ["http://user:pass@127.0.0.1", 400, "The upstream holds user info", true],
        ["http://169.254.169.254", 403, NotAllowed, true],
        ["https://not-listed.example", 403, NotAllowed, true],
        [Closed.Address.OriginalString, 502, Unreachable, false],
        ["the app: 401", 401, "This gateway asks its callers to authenticate", true],
        ["the app: 403", 403, "The sender of this request may not use this route", true],
        ["the app: 429", 429, "This gateway's rate limit is reached. Try again later.", false],
    ];

    [ClassInitialize]
    public static async Task Start(TestContext context)
    {
        s_demo = await DemoUpstreamServer.StartAsync(cancellationToken: context.CancellationToken);
        s_host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options =>
            {
                options.AllowedUpstreams.Add(Closed.Address.OriginalString);
                options.AllowedUpstreams.Add(s_demo.Address.OriginalString);
            }).UseHeadroomErrors(),
            app =>
            {
                app.Use((context, next) =>
                {
                    Interlocked.Increment(ref s_requests);
                    var upstream = context.Request.Headers[HeadroomHeaders.Upstream].ToString();
                    if (!upstream.StartsWith("the app: ", StringComparison.Ordinal))
                    {
                        return next(context);
                    }

                    // What authentication, authorization and rate limits do.
                    context.Response.StatusCode = int.Parse(upstream.AsSpan("the app: ".Length), System.Globalization.CultureInfo.InvariantCulture);
                    return Task.CompletedTask;
                });
                app.MapHeadroomRoutes();
            });
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_host.DisposeAsync();
        await s_demo.DisposeAsync();
        Closed.Dispose();
    }

    [TestMethod]
    [DoNotParallelize] // Requests are counted.
    [DynamicData(nameof(Failures))]
    public async Task The_OpenAI_client_shows_our_sentence_and_resends_only_what_a_retry_can_cure(string upstream, int status, string sentence, bool once)
    {
        Interlocked.Exchange(ref s_requests, 0);
        var thrown = await Assert.ThrowsExactlyAsync<ClientResultException>(() => OpenAI(upstream).CompleteChatAsync("hi"));
        Assert.AreEqual(status, thrown.Status);
        Assert.Contains(sentence, thrown.Message);
        Assert.AreEqual(once, s_requests == 1, $"{s_requests} requests");
    }

    [TestMethod]
    [DoNotParallelize]
    [DynamicData(nameof(Failures))]
    public async Task The_Anthropic_client_shows_our_sentence_and_resends_only_what_a_retry_can_cure(string upstream, int status, string sentence, bool once)
    {
        Interlocked.Exchange(ref s_requests, 0);
        var thrown = await Assert.ThrowsAsync<AnthropicApiException>(() => Anthropic(upstream).Messages.Create(Hello));
        Assert.AreEqual(status, (int)thrown.StatusCode);
        Assert.Contains(sentence, thrown.Message);
        Assert.AreEqual(once, s_requests == 1, $"{s_requests} requests");
    }

    [TestMethod]
    public async Task The_OpenAI_client_gets_its_completion_whole_and_streamed_from_the_upstream_it_names()
    {
        foreach (var upstream in (string[])[s_demo.Address.OriginalString, s_demo.Address + "v1/"])
        {
            var client = OpenAI(upstream);
            ChatCompletion whole = await client.CompleteChatAsync("hi");
            Assert.Contains("You said: hi", whole.Content[0].Text);

            var streamed = "";
            ChatFinishReason? finish = null;
            await foreach (var update in client.CompleteChatStreamingAsync("hi"))
            {
                streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
                finish ??= update.FinishReason;
            }

            Assert.AreEqual(whole.Content[0].Text, streamed);
            Assert.AreEqual(ChatFinishReason.Stop, finish);
        }
    }

    private static MessageCreateParams Hello => new() { Model = "claude", MaxTokens = 16, Messages = [new UserMessageParam { Content = "hi" }] };

    private static ChatClient OpenAI(string upstream)
    {
        var options = new OpenAIClientOptions { Endpoint = new Uri(s_host.Address, "/v1"), Transport = new HttpClientPipelineTransport(s_host.CreateClient()) };
        options.AddPolicy(new UpstreamPolicy(upstream), PipelinePosition.PerCall);
        return new ChatClient("demo", new ApiKeyCredential("sk-test"), options);
    }

    private static AnthropicClient Anthropic(string upstream)
    {
        var http = s_host.CreateClient();
        http.DefaultRequestHeaders.Add("X-Headroom-Upstream", upstream);
        return new AnthropicClient { HttpClient = http, BaseUrl = s_host.Address.OriginalString, ApiKey = "sk-ant-test" };
    }

    private sealed class UpstreamPolicy(string upstream) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Headroom-Upstream", upstream);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Headroom-Upstream", upstream);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
