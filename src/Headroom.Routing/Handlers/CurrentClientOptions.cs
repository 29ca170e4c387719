using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Handlers;

/// <summary>Holds the options of one client and what they were compiled to. An invalid reload is logged, and the last valid options stay.</summary>
internal sealed class CurrentClientOptions : IDisposable
{
    private static readonly Action<ILogger, string, Exception?> Reloaded = LoggerMessage.Define<string>(
        LogLevel.Information, new EventId(20, nameof(Reloaded)), "The options of HTTP client {Client} were reloaded.");

    private static readonly Action<ILogger, string, string, Exception?> ReloadRefused = LoggerMessage.Define<string, string>(
        LogLevel.Error, new EventId(21, nameof(ReloadRefused)), "The changed options of HTTP client {Client} are invalid, the last valid ones stay: {Errors}");

    private readonly string _name;
    private readonly IOptionsFactory<HeadroomClientOptions> _factory;
    private readonly ClientSection[] _sections;
    private readonly ReloadSignal<HeadroomClientOptions> _signal;
    private readonly ILogger _logger;
    private readonly List<IDisposable> _registrations = [];

    // One reload after the other, so that the last one reads the newest configuration.
    private readonly Lock _reload = new();
    private ClientSection[] _filled = [];
    private KeyValuePair<string, string?>[] _settings;
    private volatile Compiled _current;

    /// <exception cref="OptionsValidationException">The options hold errors.</exception>
    internal CurrentClientOptions(
        string name,
        IOptionsFactory<HeadroomClientOptions> factory,
        IEnumerable<ClientSection> sections,
        IEnumerable<IOptionsChangeTokenSource<HeadroomClientOptions>> changes,
        ReloadSignal<HeadroomClientOptions> signal,
        ILogger<CurrentClientOptions> logger)
    {
        _name = name;
        _factory = factory;
        _sections = [.. sections.Where(source => source.Client == name)];
        _signal = signal;
        _logger = logger;
        _settings = Settings();
        _current = Read();
        _registrations.AddRange(_sections.Select(source => ChangeToken.OnChange(source.Section.GetReloadToken, ReloadIfChanged)));
        _registrations.AddRange(changes
            .Where(change => change != signal && change.Name == name)
            .Select(change => ChangeToken.OnChange(change.GetChangeToken, Reload)));

        // What changed before anybody listened.
        ReloadIfChanged();
    }

    internal HeadroomClientOptions Options => _current.Options;

    internal UpstreamResolver Resolver => _current.Resolver;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    // A section tells of every change of the whole configuration.
    private void ReloadIfChanged()
    {
        lock (_reload)
        {
            var settings = Settings();
            if (settings.SequenceEqual(_settings))
            {
                return;
            }

            _settings = settings;
        }

        Reload();
    }

    // Called by the configuration's change token. An exception would be thrown at whoever changed the configuration, or be lost.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a configuration source or the app's configure action throws, the last valid options stay.")]
    private void Reload()
    {
        lock (_reload)
        {
            try
            {
                _current = Read();
                Reloaded(_logger, _name, null);
            }
            catch (Exception e)
            {
                ReloadRefused(_logger, _name, e.Message, null);
                return;
            }
        }

        _signal.Raise();
    }

    private Compiled Read()
    {
        // Some editors delete a file to save it. What it held must not be open or shut for that moment.
        if (Array.Find(_filled, source => !source.Section.Exists()) is { } vanished)
        {
            throw new InvalidDataException($"The section {vanished.Section.Path} held settings and is gone now.");
        }

        var options = _factory.Create(_name);
        _filled = [.. _sections.Where(source => source.Section.Exists())];
        return options.TryCompile(out var resolver, out var errors)
            ? new Compiled(options, resolver)
            : throw new OptionsValidationException(_name, typeof(HeadroomClientOptions), errors);
    }

    private KeyValuePair<string, string?>[] Settings() => [.. _sections.SelectMany(source => source.Section.AsEnumerable())];

    private sealed record Compiled(HeadroomClientOptions Options, UpstreamResolver Resolver);
}
