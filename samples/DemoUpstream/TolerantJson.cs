using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>Reads a document of unknown shape: what is missing or of another type is nothing, never an exception.</summary>
internal static class TolerantJson
{
    public static JsonNode? At(this JsonNode? node, string name) => (node as JsonObject)?[name];

    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static bool IsTrue(this JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;

    /// <summary>An object in a list's place counts as a list of one.</summary>
    public static IEnumerable<JsonNode?> Items(this JsonNode? node) => node switch
    {
        JsonArray list => list,
        JsonObject => new[] { node },
        _ => [],
    };
}
