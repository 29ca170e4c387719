using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.AspNetCore.Forwarding;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Holds what the options were compiled to. A reload that is invalid is logged, and the last valid one stays.</summary>
internal sealed partial class CurrentOptions : IDisposable
{
    private readonly IOptionsFactory<HeadroomProxyOptions> _factory;
    private readonly UpstreamClients _clients;
    private readonly ILogger<CurrentOptions> _logger;
    private readonly List<IDisposable> _reloads = [];
    private volatile CompiledOptions _current;

    /// <exception cref="OptionsValidationException">The options hold faults.</exception>
    /// <exception cref="InvalidOperationException">An HTTP client lost its guard.</exception>
    public CurrentOptions(
        IOptionsFactory<HeadroomProxyOptions> factory,
        IEnumerable<IOptionsChangeTokenSource<HeadroomProxyOptions>> changes,
        IEnumerable<Provider> additional,
        UpstreamClients clients,
        IHttpMessageHandlerFactory handlers,
        ILogger<CurrentOptions> logger)
    {
        _factory = factory;
        _clients = clients;
        _logger = logger;
        Additional = [.. additional];
        Options = factory.Create(Microsoft.Extensions.Options.Options.DefaultName);
        CompiledOptions.ThrowIfInvalid(Options, Additional);
        clients.Build(handlers);
        _current = CompiledOptions.Compile(Options, Additional, clients.OperatorProxy);
        foreach (var change in changes)
        {
            _reloads.Add(ChangeToken.OnChange(change.GetChangeToken, Reload));
        }
    }

    /// <summary>The options at the start.</summary>
    internal HeadroomProxyOptions Options { get; }

    /// <summary>The providers that the host added.</summary>
    internal Provider[] Additional { get; }

    /// <summary>All providers.</summary>
    internal IEnumerable<Provider> Providers => KnownProviders.All.Concat(Additional);

    /// <summary>What counts now.</summary>
    internal CompiledOptions Current => _current;

    public void Dispose() => _reloads.ForEach(reload => reload.Dispose());

    // Called by the configuration's change token: what is thrown here would be lost, or end the process.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a configuration source or the host's configure action throws, the last valid options stay.")]
    private void Reload()
    {
        try
        {
            var options = _factory.Create(Microsoft.Extensions.Options.Options.DefaultName);
            CompiledOptions.ThrowIfInvalid(options, Additional);
            // Its route is mapped once.
            options.VerbatimMount = Options.VerbatimMount;
            _current = CompiledOptions.Compile(options, Additional, _clients.OperatorProxy);
            Log.Reloaded(_logger);
        }
        catch (Exception e)
        {
            Log.ReloadRefused(_logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information, "The options of Headroom were reloaded.", EventName = "Reloaded")]
        internal static partial void Reloaded(ILogger logger);

        [LoggerMessage(11, LogLevel.Error, "The changed options of Headroom are invalid, the last valid ones stay: {Faults}", EventName = "ReloadRefused")]
        internal static partial void ReloadRefused(ILogger logger, string faults);
    }
}
