using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>One server-sent event.</summary>
/// <param name="Data">A JSON text, or OpenAI's <c>[DONE]</c>.</param>
/// <param name="Name">The <c>event:</c> line; providers that send none leave it out.</param>
internal readonly record struct StreamEvent(string Data, string? Name = null)
{
    /// <summary>An event whose name stands in its data too, as <c>type</c>.</summary>
    public static StreamEvent Typed(string type, JsonObject fields)
    {
        fields.Insert(0, "type", type);
        return new StreamEvent(Wire.Json(fields), type);
    }
}
