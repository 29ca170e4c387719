using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Forwarding;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>The reference of the settings says what the options say: every key, no other one, and the defaults.</summary>
[TestClass]
public sealed partial class ConfigurationPageTests
{
    private static readonly MarkdownPage Page = MarkdownPage.Of("docs/configuration.md");

    private static Dictionary<string, string> Documented { get; } =
        ((string[])["Where requests may go", "Who may use it", "How requests are forwarded"])
            .SelectMany(Page.Rows)
            .ToDictionary(cells => MarkdownPage.CodeIn(cells[0]).Single(), cells => cells[1]);

    [TestMethod]
    public void Every_setting_is_there_and_nothing_else() =>
        CollectionAssert.AreEquivalent(Settings(typeof(HeadroomProxyOptions), "").Select(setting => setting.Key).ToArray(), Documented.Keys);

    [TestMethod]
    public void Every_default_is_the_real_one()
    {
        foreach (var (key, value) in Settings(typeof(HeadroomProxyOptions), ""))
        {
            var shown = Documented[key];
            if (value is not null)
            {
                Assert.AreEqual($"`{value}`", shown, key);
            }
            else
            {
                Assert.IsFalse(Value().IsMatch(shown), key);
            }
        }
    }

    [TestMethod]
    public void The_headers_that_are_stripped_by_default_are_the_real_ones()
    {
        CollectionAssert.AreEquivalent(HeaderRules.DefaultRequestHeaders, MarkdownPage.CodeIn(Documented[nameof(HeadroomProxyOptions.StripRequestHeaders)]));
        CollectionAssert.AreEquivalent(HeaderRules.DefaultResponseHeaders, MarkdownPage.CodeIn(Documented[nameof(HeadroomProxyOptions.StripResponseHeaders)]));
    }

    [TestMethod]
    public void The_settings_of_an_HttpClient_are_the_real_ones()
    {
        var text = Page.Text[Page.Text.IndexOf("`AddUpstreamOverride(section)`", StringComparison.Ordinal)..];
        var sentence = text[..text.IndexOf('.', StringComparison.Ordinal)];

        CollectionAssert.AreEquivalent(
            typeof(HeadroomClientOptions).GetProperties().Select(property => property.Name).ToArray(), MarkdownPage.CodeIn(sentence).Skip(1).ToArray());
    }

    private static IEnumerable<(string Key, string? Default)> Settings(Type type, string prefix)
    {
        var defaults = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties())
        {
            var key = prefix + property.Name;
            var value = property.PropertyType;
            if (value.IsGenericType && value.GetGenericTypeDefinition() == typeof(IDictionary<,>))
            {
                var named = value.GenericTypeArguments[1];

                // An upstream may be its URL alone.
                if (named == typeof(string) || named == typeof(UpstreamOptions))
                {
                    yield return (key + ":{name}", null);
                }

                foreach (var setting in named == typeof(string) ? [] : Settings(named, key + ":{name}:"))
                {
                    yield return setting;
                }
            }
            else if (value == typeof(CallerClaim))
            {
                foreach (var setting in Settings(value, key + ":"))
                {
                    yield return setting;
                }
            }
            else
            {
                yield return (key, property.GetValue(defaults) switch
                {
                    bool flag => flag ? "true" : "false",
                    TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
                    string { Length: > 0 } text => text,
                    _ => null,
                });
            }
        }
    }

    [GeneratedRegex(@"^$|^`(true|false|[\d:.]+)`$")]
    private static partial Regex Value();
}
