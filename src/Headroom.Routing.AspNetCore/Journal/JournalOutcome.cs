namespace Headroom.Routing.AspNetCore.Journal;

/// <summary>What has become of a request.</summary>
internal enum JournalOutcome
{
    /// <summary>It is under way.</summary>
    Running,

    /// <summary>The upstream's whole answer was passed on, whatever its status.</summary>
    Done,

    /// <summary>The proxy refused it.</summary>
    Refused,

    /// <summary>The upstream failed, or the way to it, or the app's own code.</summary>
    Failed,

    /// <summary>Its client left before the whole answer was passed on.</summary>
    ClientGone,
}
