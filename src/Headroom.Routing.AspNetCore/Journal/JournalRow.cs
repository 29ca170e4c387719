namespace Headroom.Routing.AspNetCore.Journal;

/// <summary>A request as a watcher is told of it.</summary>
/// <param name="Entry">What does not change about it.</param>
/// <param name="State">How far it has come.</param>
/// <param name="IsNew">Whether the watcher was not told of the request before.</param>
internal readonly record struct JournalRow(JournalEntry Entry, JournalState State, bool IsNew);
