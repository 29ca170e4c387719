using System.Diagnostics;

namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>What moved of one request, and when.</summary>
/// <param name="Started">When forwarding began, as <see cref="Stopwatch"/> counts.</param>
/// <param name="FirstByte">When the first byte of the answer's body came; 0 if none has.</param>
/// <param name="Sent">How many bytes of the request's body went to the upstream.</param>
/// <param name="Received">How many bytes of the answer's body came from it.</param>
internal readonly record struct TransferCount(long Started, long FirstByte, long Sent, long Received)
{
    /// <summary>How long it took until the first byte came; <see langword="null"/> if none has.</summary>
    internal TimeSpan? TimeToFirstByte => FirstByte == 0 ? null : Stopwatch.GetElapsedTime(Started, FirstByte);

    /// <summary>How long it took until now.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(Started);
}
