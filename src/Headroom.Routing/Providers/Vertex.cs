using System.Collections.Frozen;

namespace Headroom.Routing.Providers;

// https://cloud.google.com/vertex-ai/docs/reference/rest; hosts: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
internal static class Vertex
{
    internal static readonly Provider Provider = new()
    {
        Name = "Vertex",
        TelemetryName = "gcp.vertex_ai",
        Region = new("location", "https://{0}-aiplatform.googleapis.com")
        {
            Exceptions = new Dictionary<string, string>
            {
                ["global"] = "https://aiplatform.googleapis.com",
                ["us"] = "https://aiplatform.us.rep.googleapis.com",
                ["eu"] = "https://aiplatform.eu.rep.googleapis.com",
            }.ToFrozenDictionary(StringComparer.Ordinal),
        },
        BaseAddressVariable = "VERTEX_TARGET_API_URL",
        Dialect = Dialect.Gemini,
        Routes =
        [
            new("/{version}/projects/{project}/locations/{location}/{**rest}"),
            new("/projects/{project}/locations/{location}/{**rest}") { Prepend = "/v1" },
        ],
    };
}
