namespace Headroom.Routing.Wire;

/// <summary>A mode that is running.</summary>
/// <param name="Mode">Which.</param>
/// <param name="Number">Which of the mode's processes, from 1.</param>
/// <param name="Address">Where the client sends its requests.</param>
/// <param name="Override">The upstream that each request names, whoever heeds it, so that all get the same request.</param>
/// <param name="Process">The proxy; <see langword="null"/> where there is none.</param>
internal sealed record Target(Mode Mode, int Number, Uri Address, string Override, MeasuredProcess? Process);
