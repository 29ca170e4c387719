using System.Net.Sockets;
using Headroom.HostApp.Demo;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

/// <summary>Tells faults of configuration from faults of the program; only the latter deserve a stack trace.</summary>
internal static class StartFault
{
    private const string ChooseAnother = "Choose another address with --urls (http://127.0.0.1:0 takes a free port) or ASPNETCORE_URLS.";

    /// <param name="fault">What the start threw.</param>
    /// <param name="urls">The setting, for faults that do not name their address.</param>
    /// <returns>A line per fault, or null when the fault is not the operator's.</returns>
    public static IReadOnlyList<string>? Explain(Exception fault, string? urls) => fault switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException { InnerExceptions: var all } when all.All(one => Explain(one, urls) is not null) => [.. all.SelectMany(one => Explain(one, urls)!)],
        DemoUpstreamException => [fault.Message],
        IOException { InnerException: AddressInUseException } => [$"{fault.Message} {ChooseAnother}"],
        SocketException => [$"The host cannot listen (urls: {urls}): {fault.Message}. {ChooseAnother}"],
        { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" or "Microsoft.AspNetCore.Http" } => [$"The host cannot listen (urls: {urls}): {fault.Message}"],
        InvalidDataException or InvalidOperationException { InnerException: FormatException } => [$"{fault.Message} {fault.GetBaseException().Message}"],
        _ => null,
    };
}
