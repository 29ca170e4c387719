using Microsoft.Extensions.Options;

namespace Headroom.HostApp.Commands.Clients;

/// <summary>Where clients on this machine find the gateway, by its settings.</summary>
internal static class GatewayAddress
{
    /// <returns>A URL without a slash at its end.</returns>
    /// <exception cref="OptionsValidationException">The settings leave it open.</exception>
    public static string Of(IConfiguration configuration)
    {
        var urls = configuration.GetSection("Kestrel:Endpoints").GetChildren().FirstOrDefault()?["Url"]
            ?? configuration["urls"]
            ?? $"http://127.0.0.1:{configuration["http_ports"]}";
        if (Parse(urls.Split(';')[0]) is not { Port: > 0, IsUnixPipe: false, IsNamedPipe: false } address)
        {
            throw new OptionsValidationException("urls", typeof(BindingAddress), [$"urls: clients need an address, and the gateway listens on {urls}. Choose one with --port."]);
        }

        var host = address.Host is "*" or "+" or "0.0.0.0" ? "127.0.0.1" : address.Host is "[::]" ? "[::1]" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}";
    }

    private static BindingAddress? Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
