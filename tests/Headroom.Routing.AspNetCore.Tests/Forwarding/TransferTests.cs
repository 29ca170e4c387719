using System.Diagnostics;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Clocks are kept from one request to the next, with a timer that may still be armed. Alone on the machine, as for all that measures silence.</summary>
[TestClass]
[DoNotParallelize]
public sealed class TransferTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    [TestMethod]
    public async Task Silence_cancels()
    {
        using var clock = Transfer.Start(Short, CancellationToken.None);
        await Canceled(clock).WithPatience("the silence to end");
        Assert.IsFalse(clock.IsClientGone);
    }

    [TestMethod]
    public async Task What_moves_is_not_canceled()
    {
        using var clock = Transfer.Start(Short, CancellationToken.None);
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < 4 * Short;)
        {
            clock.Touch();
            await Task.Delay(Step);
        }

        Assert.IsFalse(clock.Token.IsCancellationRequested);
    }

    [TestMethod]
    public async Task The_timer_of_an_earlier_request_does_not_cancel_a_later_one()
    {
        var earlier = Transfer.Start(Short, CancellationToken.None);
        earlier.Dispose();
        using var client = new CancellationTokenSource();

        // Whichever clocks others left, one of these is the earlier one.
        var later = Enumerable.Range(0, 2000).Select(_ => Transfer.Start(TimeSpan.FromMinutes(1), client.Token)).ToArray();
        Assert.Contains(earlier, later);
        await Task.Delay(2 * Short);
        Assert.IsFalse(earlier.Token.IsCancellationRequested);

        await client.CancelAsync();
        Assert.IsTrue(earlier.Token.IsCancellationRequested);
        Assert.IsTrue(earlier.IsClientGone);
        foreach (var clock in later)
        {
            clock.Dispose();
        }

        using var fresh = Transfer.Start(Short, CancellationToken.None);
        Assert.DoesNotContain(fresh, later, "A canceled clock must not be used again.");
    }

    [TestMethod]
    public async Task A_shorter_time_than_the_earlier_requests_counts()
    {
        var earlier = Transfer.Start(TimeSpan.FromMinutes(1), CancellationToken.None);
        earlier.Dispose();
        var later = Enumerable.Range(0, 2000).Select(_ => Transfer.Start(Short, CancellationToken.None)).ToArray();
        Assert.Contains(earlier, later);
        await Canceled(earlier).WithPatience("the silence to end");
        foreach (var clock in later)
        {
            clock.Dispose();
        }
    }

    private static Task Canceled(Transfer clock)
    {
        var canceled = new TaskCompletionSource();
        clock.Token.Register(canceled.SetResult);
        return canceled.Task;
    }
}
