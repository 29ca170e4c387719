namespace Headroom.HostApp;

/// <summary>How the app takes its leave.</summary>
internal sealed class DrainingOptions
{
    /// <summary>How long the app still accepts connections after <c>/readyz</c> has turned to 503.</summary>
    public TimeSpan ShutdownDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long requests in flight have to end after that. A model can think for minutes.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromMinutes(5);
}
