using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.Handlers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Holds the compiled options. An invalid reload is logged, and the last valid options stay.</summary>
internal sealed partial class CurrentOptions : IDisposable
{
    private readonly IOptionsFactory<HeadroomProxyOptions> _factory;
    private readonly OptionsCompiler _compiler;
    private readonly ConfigurationSources _sources;
    private readonly ReloadSignal<HeadroomProxyOptions> _signal;
    private readonly ILogger<CurrentOptions> _logger;
    private readonly List<IDisposable> _registrations = [];

    // One reload after the other, so that the last one reads the newest configuration.
    private readonly Lock _reload = new();
    private HashSet<FileConfigurationSource> _files;
    private string? _refusal;
    private string _fingerprint;
    private volatile CompiledOptions _current;

    /// <exception cref="OptionsValidationException">The options hold errors.</exception>
    public CurrentOptions(
        IOptionsFactory<HeadroomProxyOptions> factory,
        OptionsCompiler compiler,
        ConfigurationSources sources,
        IEnumerable<IOptionsChangeTokenSource<HeadroomProxyOptions>> changes,
        ReloadSignal<HeadroomProxyOptions> signal,
        IEnumerable<Provider> additional,
        ILogger<CurrentOptions> logger)
    {
        _factory = factory;
        _compiler = compiler;
        _sources = sources;
        _signal = signal;
        _logger = logger;
        Providers = KnownProviders.With(additional);
        _files = sources.FilesWithSettings();

        // One configuration may stand behind several sources; its change is one reload.
        var producers = sources.Changes
            .Concat(changes.Where(change => change != signal).Select(change => (Func<IChangeToken>)change.GetChangeToken))
            .Select(producer => (Producer: producer, Token: producer()))
            .DistinctBy(pair => pair.Token)
            .ToArray();
        Options = factory.Create(Microsoft.Extensions.Options.Options.DefaultName);
        _fingerprint = OptionsFingerprint.Of(Options);
        _current = Compile(Options);
        foreach (var (producer, _) in producers)
        {
            _registrations.Add(ChangeToken.OnChange(producer, Reload));
        }

        if (producers.Any(pair => pair.Token.HasChanged))
        {
            Reload();
        }
    }

    /// <summary>The options at the start.</summary>
    internal HeadroomProxyOptions Options { get; }

    /// <summary>The built-in providers and those that the app added.</summary>
    internal IReadOnlyList<Provider> Providers { get; }

    /// <summary>The options that apply now. They are replaced by another instance when they change.</summary>
    internal CompiledOptions Current => _current;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Reload()
    {
        bool changed;
        lock (_reload)
        {
            changed = TryReload();
        }

        if (changed)
        {
            _signal.Raise();
        }
    }

    // Called by the configuration's change token. An exception would be lost here, or end the process.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a configuration source or the app's configure action throws, the last valid options stay.")]
    private bool TryReload()
    {
        try
        {
            // A file may vanish before the options are read, or in the midst of it.
            ThrowIfVanished(_files);
            var files = _sources.FilesWithSettings();
            var options = _factory.Create(Microsoft.Extensions.Options.Options.DefaultName);
            ThrowIfVanished([.. _files, .. files]);

            // The route of the mount is mapped only once.
            options.VerbatimMount = Options.VerbatimMount;
            var fingerprint = OptionsFingerprint.Of(options);
            var isEqual = fingerprint == _fingerprint;
            if (!isEqual)
            {
                _current = Compile(options);
                _fingerprint = fingerprint;
            }

            if (!isEqual || _refusal is not null)
            {
                Log.Reloaded(_logger);
            }

            _files = files;
            _refusal = null;
            return !isEqual;
        }
        catch (Exception e)
        {
            if (e.Message != _refusal)
            {
                Log.ReloadRefused(_logger, e.Message);
            }

            _refusal = e.Message;
            return false;
        }
    }

    private void ThrowIfVanished(HashSet<FileConfigurationSource> files)
    {
        if (_sources.FindVanished(files) is { } file)
        {
            throw new InvalidDataException($"The file {file} held settings of the proxy and is empty, broken or gone now.");
        }
    }

    private CompiledOptions Compile(HeadroomProxyOptions options) => _compiler.TryCompile(options, out var resolver, out var callers, out var errors)
        ? new CompiledOptions(options, resolver, callers, new GatewayTokens(options.Tokens, Providers))
        : throw new OptionsValidationException(Microsoft.Extensions.Options.Options.DefaultName, typeof(HeadroomProxyOptions), errors);

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information, "The options of Headroom were reloaded.", EventName = "Reloaded")]
        internal static partial void Reloaded(ILogger logger);

        [LoggerMessage(11, LogLevel.Error, "The changed options of Headroom are invalid, the last valid ones stay: {Errors}", EventName = "ReloadRefused")]
        internal static partial void ReloadRefused(ILogger logger, string errors);
    }
}
