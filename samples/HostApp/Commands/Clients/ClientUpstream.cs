using Headroom.Routing;

namespace Headroom.HostApp.Commands.Clients;

/// <summary>An upstream that a client is to reach through the gateway.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Options">Its settings.</param>
/// <param name="IsChosen">Whether the command line asked for it; the settings only know it otherwise.</param>
internal sealed record ClientUpstream(string Name, UpstreamOptions Options, bool IsChosen)
{
    /// <summary>
    /// The value of the client's header. A URL works whether or not the gateway runs with the same flag, if the gateway allows it. By its name, an
    /// upstream of the settings keeps working when its URL changes, and gets its key.
    /// </summary>
    public string Header => IsChosen ? Options.BaseAddress! : Name;

    /// <summary>The variable that holds the caller's key: null if there is none, because the upstream runs on this machine or the gateway has its key.</summary>
    public string? KeyVariable => Options.Headers.Count > 0 || (Uri.TryCreate(Options.BaseAddress, UriKind.Absolute, out var address) && address.IsLoopback)
        ? null
        : string.Concat(Name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')) + "_API_KEY";
}
