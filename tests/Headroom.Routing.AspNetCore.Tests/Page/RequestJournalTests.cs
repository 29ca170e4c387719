using Headroom.Routing.AspNetCore.Journal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Headroom.Routing.AspNetCore.Tests.Page;

/// <summary>What is kept for the live page while requests come and go at once.</summary>
[TestClass]
public sealed class RequestJournalTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions());
    private static readonly UpstreamDecision Decision = Resolver.Explain("GET", "/v1/models", new HeaderDictionary()).Decision;
    private static readonly RouteEndpoint Endpoint = new(_ => Task.CompletedTask, RoutePatternFactory.Parse("/{**path}"), 0, new(new HeadroomEndpointMetadata(segments: 1)), null);

    [TestMethod]
    public async Task A_request_that_comes_while_a_page_reads_is_told_once_and_whole()
    {
        const int Requests = 20_000;
        var journal = new RequestJournal();
        journal.TurnOn();
        Assert.IsTrue(journal.TryWatch(out var watcher));
        using var watching = watcher;
        var known = new HashSet<long>();
        var coming = Task.Run(() =>
        {
            for (var i = 0; i < Requests; i++)
            {
                Start(journal).Refuse("slug", "reason", 400);
            }
        });
        while (!coming.IsCompleted)
        {
            Read();
        }

        await coming;
        Read();
        Assert.IsGreaterThanOrEqualTo(RequestJournal.Kept, known.Count);
        Assert.IsTrue(Enumerable.Range(Requests - RequestJournal.Kept + 1, RequestJournal.Kept).All(id => known.Contains(id)));

        void Read()
        {
            foreach (var row in watcher.Read(out _))
            {
                Assert.AreEqual(known.Add(row.Entry.Id), row.IsNew, $"request {row.Entry.Id}");
            }
        }
    }

    [TestMethod]
    public void A_request_that_nothing_else_ended_ends_with_its_transfer()
    {
        var journal = new RequestJournal();
        journal.TurnOn();
        Assert.IsTrue(journal.TryWatch(out var watcher));
        using var watching = watcher;
        var (one, other) = (Start(journal), Start(journal));
        other.Refuse("slug", "reason", 400);
        watcher.Read(out var isAnyRunning);
        Assert.IsTrue(isAnyRunning);

        one.Dispose();
        other.Dispose();
        var row = Assert.ContainsSingle(watcher.Read(out isAnyRunning));
        Assert.AreEqual((1, JournalOutcome.ClientGone, false), (row.Entry.Id, row.State.Outcome, isAnyRunning));
    }

    [TestMethod]
    public void A_long_path_and_a_strange_method_are_cut()
    {
        var journal = new RequestJournal();
        journal.TurnOn();
        var entry = Start(journal, new string('M', 1000), $"/{new string('p', 1000)}\u202e");
        Assert.AreEqual("... (1000 characters)", entry.Method);
        Assert.AreEqual($"/{new string('p', 255)}", entry.Path);
    }

    private static JournalEntry Start(RequestJournal journal, string method = "GET", string path = "/v1/models")
    {
        var context = new DefaultHttpContext { Request = { Method = method, Path = path } };
        context.SetEndpoint(Endpoint);
        return journal.Start(context, Decision, Resolver)!;
    }
}
