using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>One log call, rendered at once: what it refers to may have changed by the time a test looks.</summary>
/// <param name="Category">The logger's name.</param>
/// <param name="Level">The level.</param>
/// <param name="EventId">The event id.</param>
/// <param name="Message">The formatted message.</param>
/// <param name="State">The structured values, by name.</param>
/// <param name="Scopes">Every enclosing scope, outermost first: its text, then its structured values.</param>
/// <param name="Exception">The exception with all its inner ones and their stacks.</param>
internal sealed record LogEntry(
    string Category,
    LogLevel Level,
    EventId EventId,
    string Message,
    IReadOnlyList<(string Name, string Value)> State,
    IReadOnlyList<string> Scopes,
    string? Exception)
{
    /// <summary>Whether a text stands anywhere in what a logging provider gets to see, in any case.</summary>
    public bool Mentions(string text)
    {
        IEnumerable<string?> seen = [Category, EventId.Name, Message, Exception, .. Scopes, .. State.SelectMany(pair => new[] { pair.Name, pair.Value })];
        return seen.Any(part => part?.Contains(text, StringComparison.OrdinalIgnoreCase) is true);
    }
}
