using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>A logging provider that keeps all it is given.</summary>
[ProviderAlias("Capture")]
internal sealed class LogCapture : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>
    /// The entries so far. A request's last ones are written after its response has ended: dispose the host before looking for what must not be there.
    /// </summary>
    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    /// <summary>The entries that hold a text anywhere: message, structured values, scopes or exception.</summary>
    public IReadOnlyList<LogEntry> Mentioning(string text) => [.. _entries.Where(entry => entry.Mentions(text))];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private static IEnumerable<(string Name, string Value)> Pairs(object? state) =>
        state is IEnumerable<KeyValuePair<string, object?>> pairs ? pairs.Select(pair => (pair.Key, Render(pair.Value))) : [];

    private static string Render(object? value) => value switch
    {
        null => "",
        string text => text,
        IEnumerable items => string.Join(", ", items.Cast<object?>().Select(Render)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => capture._scopes.Push(state);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<string>();
            capture._scopes.ForEachScope(
                (scope, texts) =>
                {
                    texts.Add(scope?.ToString() ?? "");
                    texts.AddRange(Pairs(scope).Select(pair => $"{pair.Name}={pair.Value}"));
                },
                scopes);
            capture._entries.Enqueue(
                new LogEntry(category, logLevel, eventId, formatter(state, exception), [.. Pairs(state)], scopes, exception?.ToString()));
        }
    }
}
