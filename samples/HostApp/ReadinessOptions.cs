namespace Headroom.HostApp;

internal sealed class ReadinessOptions
{
    /// <summary>How long the app still accepts connections after <c>/readyz</c> has turned to 503.</summary>
    public TimeSpan ShutdownDelay { get; set; } = TimeSpan.FromSeconds(5);
}
