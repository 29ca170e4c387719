namespace Headroom.Routing;

/// <summary>The shape in which an API's clients expect errors.</summary>
public enum Dialect
{
    /// <summary>The client's SDK is not known. The error object has the fields that each of them shows.</summary>
    Any,

    /// <summary>OpenAI's error object: <c>{"error":{"message","type","param","code"}}</c>.</summary>
    OpenAI,

    /// <summary>Anthropic's error object: <c>{"type":"error","error":{"type","message"},"request_id"}</c>.</summary>
    Anthropic,

    /// <summary>Google's error object: <c>{"error":{"code","message","status"}}</c> (google.rpc.Status).</summary>
    Gemini,
}
