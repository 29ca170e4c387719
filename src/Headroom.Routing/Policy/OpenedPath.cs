namespace Headroom.Routing.Policy;

/// <summary>A path of an origin that callers may reach, and everything below it.</summary>
/// <param name="Path">The path; empty for all.</param>
/// <param name="By">What opens it: a configuration key, or words.</param>
/// <param name="Entry">The entry of the allow-list as the operator wrote it; <see langword="null"/> if it is opened by something else.</param>
internal readonly record struct OpenedPath(string Path, string By, string? Entry = null)
{
    /// <summary>The same in full, for the operator.</summary>
    public override string ToString() =>
        Entry is not null ? $"{By} ({Entry})" : Path.Length > 0 ? $"{By} (at and below {Path})" : By;
}
