using System.Globalization;
using System.Text;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Diagnostics;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.Connections;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.AspNetCore;

/// <summary>
/// What becomes of a request, and why. It holds no header's value but the upstream that the request names, and no value of the query.
/// <see cref="HeadroomExplainer"/> makes it.
/// </summary>
public sealed class HeadroomExplanation
{
    private readonly string _method;
    private readonly string _path;
    private readonly UpstreamDecision _decision;
    private readonly List<ResolutionStep> _steps;
    private bool _isLeftToApp;
    private IReadOnlyList<string>? _droppedHeaders;
    private string? _client;
    private JudgedAddress[]? _addresses;

    internal HeadroomExplanation(string method, string pathAndQuery, UpstreamExplanation resolved)
    {
        _method = NameInLog.Printable(method);
        _path = NameInLog.Printable(HiddenQuery.In(pathAndQuery));
        _decision = resolved.Decision;
        _steps = [.. resolved.Steps];
    }

    /// <summary>Whether the request is sent to an upstream. If it is not, the proxy refuses it, or the app itself answers it.</summary>
    public bool IsForwarded => !_isLeftToApp && Refusal is null;

    /// <summary>
    /// The steps in the order in which they are taken: those of <see cref="UpstreamResolver.Explain"/>, then <c>endpoint</c> and either <c>browser</c>
    /// or, if there are groups of callers, <c>callers</c>, then <c>method</c>, if it is one that is not forwarded, or <c>headers</c>, <c>client</c> and, if the
    /// name was resolved, <c>addresses</c>. Who the caller is, is not known here, and the app's own policies are not asked.
    /// </summary>
    public IReadOnlyList<ResolutionStep> Steps => _steps;

    /// <summary>What the proxy answers instead of forwarding the request; <see langword="null"/> if it does not.</summary>
    internal ProxyError? Refusal { get; private set; }

    private string? Url => _decision.Target is { } target ? HiddenQuery.In(target.Uri.OriginalString) : null;

    internal void Add(string step, string result) => _steps.Add(new(step, result));

    internal void LeaveToApp() => _isLeftToApp = true;

    internal void Refuse(ProxyError error) => Refusal = error;

    internal void Forward(IReadOnlyList<string> droppedHeaders, string client, string protocol, bool isProxied)
    {
        _droppedHeaders = droppedHeaders;
        _client = client;
        Add("headers", droppedHeaders.Count == 0 ? "None is dropped." : $"Dropped: {string.Join(", ", droppedHeaders)}");
        Add("client", $"{client}, over {protocol}{(isProxied ? ", through the egress proxy" : "")}.");
    }

    internal void AddAddresses(JudgedAddress[] addresses)
    {
        _addresses = addresses;
        Add("addresses", string.Join(", ", addresses.Select(one => $"{one.Address} ({(one.IsAllowed ? "allowed" : "refused")})")));
    }

    /// <summary>Writes the explanation as a JSON object. A property that does not apply is null.</summary>
    /// <param name="json">Where to write.</param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
    public void WriteTo(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var target = _decision.Target;
        json.WriteStartObject();
        json.WriteString("method", _method);
        json.WriteString("path", _path);
        json.WriteString("outcome", _isLeftToApp ? "leftToApp" : Refusal is null ? "forwarded" : "refused");
        json.WriteString("url", Url);
        json.WriteString("provider", _decision.Provider?.Name);
        json.WriteString("providerSource", Word(_decision.ProviderSource));
        json.WriteString("upstream", target?.Origin);
        json.WriteString("upstreamName", target?.Name);
        json.WriteString("choice", target is null ? null : TelemetryNames.Of(_decision.Source));
        json.WriteString("joinRule", target is null ? null : Word(_decision.JoinRule));
        json.WriteString("trust", Word(target?.Trust));
        json.WriteString("addressRule", target is null ? null : AddressRules.Describe(target.Trust));
        json.WriteString("client", _client);
        WriteRefusal(json);
        WriteDroppedHeaders(json);
        WriteAddresses(json);
        json.WriteStartArray("steps");
        foreach (var step in _steps)
        {
            json.WriteStartObject();
            json.WriteString("name", step.Name);
            json.WriteString("result", step.Result);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The explanation as a list for a terminal: what becomes of the request, then a line for each step.</summary>
    /// <returns>The lines, each ended by a line feed.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        var outcome = _isLeftToApp ? "left to the app" : Refusal is { } refusal ? $"{refusal.Status} {refusal.Slug}" : Url;
        text.Append(CultureInfo.InvariantCulture, $"{_method} {_path} -> {outcome}\n\n");
        foreach (var step in _steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {step.Name,-10} {step.Result}\n");
        }

        return text.ToString();
    }

    private void WriteRefusal(Utf8JsonWriter json)
    {
        if (Refusal is not { } refusal)
        {
            json.WriteNull("refusal");
            return;
        }

        json.WriteStartObject("refusal");
        json.WriteNumber("status", refusal.Status);
        json.WriteString("slug", refusal.Slug);
        json.WriteString("message", refusal.Message);
        json.WriteString("cause", refusal.Detail);
        json.WriteEndObject();
    }

    private void WriteDroppedHeaders(Utf8JsonWriter json)
    {
        if (_droppedHeaders is null)
        {
            json.WriteNull("droppedHeaders");
            return;
        }

        json.WriteStartArray("droppedHeaders");
        foreach (var name in _droppedHeaders)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private void WriteAddresses(Utf8JsonWriter json)
    {
        if (_addresses is null)
        {
            json.WriteNull("addresses");
            return;
        }

        json.WriteStartArray("addresses");
        foreach (var (address, isAllowed) in _addresses)
        {
            json.WriteStartObject();
            json.WriteString("address", address.ToString());
            json.WriteBoolean("allowed", isAllowed);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string? Word(Enum? value) => value is null ? null : JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
