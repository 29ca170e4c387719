using System.Collections.Concurrent;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>A clock on which a wait lasts until the test says that it is over.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource<Action>> _waits = new();

    /// <summary>Waits until the app waits for that time.</summary>
    /// <returns>What ends the app's wait.</returns>
    public Task<Action> WaitAsync(TimeSpan time) => Patience.For(Of(time).Task, $"a wait of {time}");

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private TaskCompletionSource<Action> Of(TimeSpan time) => _waits.GetOrAdd(time, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Timer(ManualClock clock, Action elapse) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Of(dueTime).TrySetResult(elapse);

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
