namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>A request that is being forwarded.</summary>
internal interface ITransferProgress
{
    /// <summary>What has moved so far. It may be asked for from any thread until the request has ended.</summary>
    TransferCount Count { get; }
}
