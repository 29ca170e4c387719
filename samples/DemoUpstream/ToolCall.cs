using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>A call of one of the tools that a request offers, with arguments that fit the tool's schema.</summary>
internal sealed record ToolCall(string Name, JsonObject Arguments)
{
    public string Json => Wire.Json(Arguments);

    /// <summary>The first function of any dialect's list; tools that the provider runs itself are passed over.</summary>
    public static ToolCall? OfFirst(JsonNode? tools)
    {
        foreach (var function in tools.Items().SelectMany(FunctionsOf))
        {
            if (function.At("name").Text() is { } name)
            {
                var schema = function.At("parameters") ?? function.At("parametersJsonSchema") ?? function.At("input_schema");
                return new ToolCall(name, Example(schema) as JsonObject ?? []);
            }
        }

        return null;
    }

    private static IEnumerable<JsonNode?> FunctionsOf(JsonNode? tool) =>
        tool.At("functionDeclarations") is { } gemini ? gemini.Items()
        : tool.At("function") is { } chat ? [chat]
        : tool.At("type").Text() == "function" || tool.At("input_schema") is not null ? [tool]
        : [];

    // Clients check arguments against the schema before they run a tool. Gemini writes types in capitals.
    private static JsonNode? Example(JsonNode? schema)
    {
        if (schema.At("enum").Items().FirstOrDefault() is { } choice)
        {
            return choice.DeepClone();
        }

        return schema.At("type").Text()?.ToUpperInvariant() switch
        {
            "OBJECT" => new JsonObject((schema.At("properties") as JsonObject ?? []).Select(property => KeyValuePair.Create(property.Key, Example(property.Value)))),
            "ARRAY" => new JsonArray(Example(schema.At("items"))),
            "INTEGER" or "NUMBER" => 1,
            "BOOLEAN" => true,
            "NULL" => null,
            _ => "demo",
        };
    }
}
