namespace Headroom.Routing.Providers;

// What Gemini CLI calls after a login with a Google account: https://github.com/google-gemini/gemini-cli, packages/core/src/code_assist
internal static class CloudCode
{
    internal static readonly Provider Provider = new()
    {
        Name = "CloudCode",
        TelemetryName = "gcp.gen_ai",
        BaseAddress = "https://cloudcode-pa.googleapis.com",
        BaseAddressVariable = "CLOUDCODE_TARGET_API_URL",
        Dialect = Dialect.Gemini,
        Routes =
        [
            new("/v1internal:{action}"),
            new("/v1/v1internal:{action}") { DropFirstSegment = true },
        ],
    };
}
