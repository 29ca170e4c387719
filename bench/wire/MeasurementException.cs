namespace Headroom.Routing.Wire;

/// <summary>The figures would not be worth anything; the message says why.</summary>
internal sealed class MeasurementException(string message, Exception? cause = null) : Exception(message, cause);
