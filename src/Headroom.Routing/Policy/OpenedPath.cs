namespace Headroom.Routing.Policy;

/// <summary>A path of an origin that callers may reach, and everything below it.</summary>
/// <param name="Path">The path; empty for all.</param>
/// <param name="By">What opens it: a configuration key, or words.</param>
internal readonly record struct OpenedPath(string Path, string By);
