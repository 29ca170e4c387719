namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>
/// How long any single wait of a test may last: far beyond what a loaded machine needs, so that reaching it means a fault and the test
/// fails with the name of what it waited for, instead of hanging.
/// </summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<T> For<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw Exhausted(what);
        }
    }

    public static TimeoutException Exhausted(string what) => new($"Waited {Limit.TotalSeconds:0} s in vain for {what}.");
}
