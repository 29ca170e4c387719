using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The dashboard in <c>docs/grafana.json</c> beside what the sample app tells Prometheus after requests of each kind.</summary>
[TestClass]
[DoNotParallelize]
public sealed partial class DashboardTests
{
    // As Prometheus 3 asks, which would take names with dots as well.
    private const string Accept =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3";

    private static readonly JsonNode Dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "grafana.json")))!;
    private static readonly string[] Functions = ["sum", "rate", "histogram_quantile", "label_values", "vector", "or"];

    private static IReadOnlyList<JsonNode> Panels => [.. Dashboard["panels"]!.AsArray().Where(panel => (string?)panel!["type"] != "row")!];

    private static IReadOnlyList<Query> Queries =>
    [
        .. Panels.SelectMany(panel => panel["targets"]!.AsArray()).Select(target => Query.Parse((string)target!["expr"]!, (string)target["legendFormat"]!)),
        .. Dashboard["templating"]!["list"]!.AsArray().Where(variable => (string?)variable!["type"] == "query")
            .Select(variable => Query.Parse((string)variable!["query"]!["query"]!, "")),
    ];

    [TestMethod]
    public async Task Every_query_finds_its_metric_and_labels_and_no_metric_is_left_out()
    {
        await using var upstream = RawUpstream.Start(AnswerAsync);
        using var closed = new ClosedPort();
        await using var app = Program.Build(
            [
                "--urls=http://127.0.0.1:0", "--environment=Production", "--ShutdownDelay=00:00:00", "--Logging:Console:LogLevel:Default=None",
                "--Prometheus=true", $"--Headroom:Upstreams:lab={upstream.Address}", $"--Headroom:Upstreams:gone={closed.Address}",
            ],
            builder => builder.Services.Configure<PrometheusAspNetCoreOptions>(options => options.ScrapeResponseCacheDurationMilliseconds = 0));
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Patience.Limit };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", Accept);

        Assert.AreEqual(200, await PostAsync("/@lab/v1/chat/completions"));
        Assert.AreEqual(200, await PostAsync("/@lab/v1/stream"));
        Assert.AreEqual(429, await PostAsync("/@lab/v1/busy"));
        Assert.AreEqual(502, await PostAsync("/@gone/v1/chat/completions"));
        Assert.AreEqual(400, await PostAsync("/@nobody/v1/chat/completions"));

        // A request has ended a little later for the app than for its client.
        using var patience = new CancellationTokenSource(Patience.Limit);
        string[] missing;
        do
        {
            missing = Missing(new Scrape(await client.GetStringAsync("/metrics")));
        }
        while (missing.Length > 0 && !patience.IsCancellationRequested);

        Assert.AreEqual("", string.Join(Environment.NewLine, missing));

        async Task<int> PostAsync(string path)
        {
            using var content = new StringContent("{}");
            using var response = await client.PostAsync(path, content);
            return (int)response.StatusCode;
        }
    }

    [TestMethod]
    public void Every_panel_has_a_place_of_its_own_and_asks_the_chosen_data_source()
    {
        var places = Dashboard["panels"]!.AsArray().SelectMany(panel => Cells(panel!["gridPos"]!)).ToArray();
        var asked = Panels.SelectMany(panel => panel["targets"]!.AsArray().Select(target => (string?)target!["datasource"]!["uid"]).Append((string?)panel["datasource"]!["uid"]));

        CollectionAssert.AllItemsAreUnique(places);
        CollectionAssert.AllItemsAreUnique(Dashboard["panels"]!.AsArray().Select(panel => (int)panel!["id"]!).ToArray());
        Assert.AreEqual("${datasource}", asked.Distinct().Single());

        static IEnumerable<(int X, int Y)> Cells(JsonNode place) =>
            from x in Enumerable.Range((int)place["x"]!, (int)place["w"]!)
            from y in Enumerable.Range((int)place["y"]!, (int)place["h"]!)
            select (x, y);
    }

    [TestMethod]
    [DataRow("""sum by (le, gone) (rate(a_bucket{b=~"$b", c!=""}[$__rate_interval]))""", "a_bucket", "b c gone le")]
    [DataRow("label_values(a, b)", "a", "b")]
    [DataRow("""sum(a{b="c"} or vector(0)) / sum without (d) (e{})""", "a e", "b d")]
    public void A_query_is_understood(string text, string metrics, string labels)
    {
        var query = Query.Parse(text, "");

        Assert.AreEqual(metrics, string.Join(" ", query.Metrics));
        Assert.AreEqual(labels, string.Join(" ", query.Labels.Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    [DataRow("sum(a)")]
    [DataRow("""topk(3, a{b="c"})""")]
    public void A_query_of_which_a_part_is_not_understood_is_an_error(string text) => Assert.ThrowsExactly<FormatException>(() => Query.Parse(text, ""));

    private static string[] Missing(Scrape scrape) =>
    [
        .. from query in Queries
           from metric in query.Metrics
           from label in query.Labels
           where !scrape.Has(metric, label)
           select $"{metric} {label}",
        .. scrape.Families.Except(Queries.SelectMany(query => query.Metrics).Select(Scrape.Family)).Select(family => $"{family} is on no panel"),
    ];

    private static async Task AnswerAsync(RawExchange exchange)
    {
        switch (exchange.Request.Target)
        {
            case "/v1/busy":
                await exchange.RespondAsync(429, "{}");
                break;
            case "/v1/stream":
                await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
                await exchange.WriteChunkAsync("data: 1\n\n");
                await exchange.EndChunksAsync();
                break;
            default:
                await exchange.RespondAsync(200, "{}");
                break;
        }
    }

    /// <summary>What a query of Prometheus names.</summary>
    /// <param name="Metrics">The series that it reads.</param>
    /// <param name="Labels">What it filters and groups by and shows in its legend.</param>
    private sealed partial record Query(IReadOnlyList<string> Metrics, IReadOnlySet<string> Labels)
    {
        public static Query Parse(string text, string legend)
        {
            var rest = text;
            var metrics = new List<string>();
            var labels = Placeholder().Matches(legend).Select(match => match.Groups[1].Value).ToHashSet();
            foreach (var part in (Regex[])[LabelValues(), Selector(), Grouping()])
            {
                foreach (Match match in part.Matches(rest))
                {
                    metrics.AddRange(match.Groups["metric"].Captures.Select(capture => capture.Value));
                    labels.UnionWith(match.Groups["label"].Captures.Select(capture => capture.Value));
                }

                rest = part.Replace(rest, "");
            }

            var words = Word().Matches(rest).Select(match => match.Value).Except(Functions).ToArray();
            return words.Length == 0 ? new Query(metrics, labels) : throw new FormatException($"What is {string.Join(", ", words)} in '{text}'?");
        }

        [GeneratedRegex(@"label_values\((?<metric>\w+), (?<label>\w+)\)")]
        private static partial Regex LabelValues();

        [GeneratedRegex("""(?<metric>\w+)\{((?<label>\w+)(=~|!~|!=|=)"[^"]*"(, )?)*\}(\[\$__rate_interval\])?""")]
        private static partial Regex Selector();

        [GeneratedRegex(@"\b(by|without) \(((?<label>\w+)(, )?)*\)")]
        private static partial Regex Grouping();

        [GeneratedRegex(@"\{\{(\w+)\}\}")]
        private static partial Regex Placeholder();

        [GeneratedRegex(@"[A-Za-z_]\w*")]
        private static partial Regex Word();
    }

    /// <summary>What <c>/metrics</c> answered.</summary>
    private sealed partial class Scrape(string text)
    {
        private readonly ILookup<string, string> _labels = Sample().Matches(text)
            .SelectMany(sample => sample.Groups["label"].Captures.Select(label => (Metric: sample.Groups["metric"].Value, Label: label.Value)))
            .ToLookup(pair => pair.Metric, pair => pair.Label);

        /// <summary>The gateway's metrics, without the parts of histograms.</summary>
        public IEnumerable<string> Families => Own().Matches(text).Select(sample => Family(sample.Groups[1].Value)).Distinct();

        public static string Family(string metric) => Part().Replace(metric, "");

        /// <summary>Whether some sample of a series has a label.</summary>
        public bool Has(string metric, string label) => _labels[metric].Contains(label);

        [GeneratedRegex("""^(?<metric>\w+)\{((?<label>\w+)="[^"]*",?)*\} """, RegexOptions.Multiline)]
        private static partial Regex Sample();

        [GeneratedRegex("""^(\w+)(?<!_created)\{otel_scope_name="Headroom\.Routing",""", RegexOptions.Multiline)]
        private static partial Regex Own();

        [GeneratedRegex("_(bucket|sum|count)$")]
        private static partial Regex Part();
    }
}
