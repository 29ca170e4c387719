using System.ClientModel;
using Headroom.ClientSide;
using Microsoft.Extensions.DependencyInjection;

if (args is not [("httpclient" or "openai" or "chat") and var kind, var upstream])
{
    Console.Error.WriteLine("usage: httpclient|openai|chat URL");
    return 2;
}

var services = new ServiceCollection();
services.AddHttpClient("llm", client => client.BaseAddress = new Uri("https://api.openai.com"))
    .AddUpstreamOverride(options =>
    {
        // The sample's key is for nobody, so its requests stay on this machine.
        options.AllowCatalog = false;
        options.AllowedUpstreams.Add("http://127.0.0.1:*");
    });
await using var provider = services.BuildServiceProvider();
var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("llm");

try
{
    Console.WriteLine(await (kind switch
    {
        "httpclient" => PlainHttpClient.AskAsync(http, upstream, "Hello"),
        "openai" => OpenAISdk.AskAsync(http, upstream, "Hello"),
        _ => ExtensionsAI.AskAsync(http, upstream, "Hello"),
    }));
    return 0;
}
catch (Exception failure) when (failure is HttpRequestException or ClientResultException)
{
    // An UpstreamRefusedException is an HttpRequestException; the SDK wraps it in its own.
    Console.Error.WriteLine(failure.Message);
    return 1;
}
