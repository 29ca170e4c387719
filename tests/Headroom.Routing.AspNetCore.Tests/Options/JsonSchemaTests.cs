using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Tests.House;
using Microsoft.Extensions.Configuration;
using NJsonSchema;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>ConfigurationSchema.json, by which editors complete and check appsettings.json: it says what the options say.</summary>
[TestClass]
public sealed class JsonSchemaTests
{
    private static readonly string Text = File.ReadAllText(
        Path.Combine(Repository.Root, "src", "Headroom.Routing.AspNetCore", "Configuration", "ConfigurationSchema.json"));

    [TestMethod]
    public void Every_setting_is_in_the_schema_and_nothing_else()
    {
        var section = Section();

        AssertShape("Headroom", typeof(HeadroomProxyOptions), section);
        CollectionAssert.AreEquivalent(ConfigurationSchema.Keys.ToArray(), Names(section["properties"]!));
        CollectionAssert.AreEquivalent(
            ConfigurationSchema.ProviderKeys.ToArray(), Names(section["properties"]!["Providers"]!["patternProperties"]!["."]!["properties"]!));
        CollectionAssert.AreEquivalent(
            ConfigurationSchema.UpstreamKeys.ToArray(), Names(section["properties"]!["Upstreams"]!["patternProperties"]!["."]!["properties"]!));
    }

    [TestMethod]
    public void Every_provider_is_in_the_schema_with_its_base_address()
    {
        var providers = Section()["properties"]!["Providers"]!["properties"]!;

        CollectionAssert.AreEqual(KnownProviders.All.Select(provider => provider.Name).ToArray(), Names(providers));
        foreach (var provider in KnownProviders.All)
        {
            Assert.AreEqual(provider.BaseAddress, providers[provider.Name]!["default"]?["BaseAddress"]?.GetValue<string>(), provider.Name);
        }
    }

    [TestMethod]
    [DataRow("""{ "AllowedUpstreams": [ "https://*" ], "Upstreams": { "local": "http://127.0.0.1:11434/v1" } }""")]
    [DataRow("""{ "Providers": { "OpenAI": { "BaseAddress": "https://llm.example" }, "OfTheApp": { "BaseAddress": null } } }""")]
    [DataRow("""{ "Callers": { "acme": { "Claim": { "Type": "tenant" }, "Policy": null, "Upstreams": [ "azure" ] }, "all": { "Everyone": true, "AllowCatalog": true } } }""")]
    [DataRow("""{ "Upstreams": { "azure": { "BaseAddress": "https://a.example", "Headers": { "api-key": "k" }, "AllowCallers": [ "staff" ] } } }""")]
    [DataRow("""{ "Providers": { "OpenAI": { "Enabled": false, "Headers": { "Authorization": "Bearer k" } } }, "Tokens": { "a": "t" } }""")]
    [DataRow("""{ "Tokens": [ "t1", "t2" ] }""")]
    [DataRow("""{ "ConnectTimeout": "00:00:10", "IdleTimeout": "1.00:00:00.5", "IdleConnectionTimeout": null }""")]
    [DataRow("""{ "AllowCatalog": false, "CatchAll": true, "VerbatimMount": "", "StripRequestHeaders": null, "StripResponseHeaders": [] }""")]
    public void What_the_app_takes_an_editor_takes(string settings)
    {
        Assert.AreEqual("", AppErrors(settings));
        Assert.AreEqual("", EditorErrors(settings));
    }

    [TestMethod]
    [DataRow("""{ "AllowCatalogue": true }""")]
    [DataRow("""{ "AllowCatalog": "maybe" }""")]
    [DataRow("""{ "AllowedUpstreams": "https://*" }""")]
    [DataRow("""{ "AllowedUpstreams": [ { "Url": "https://*" } ] }""")]
    [DataRow("""{ "Upstreams": "http://127.0.0.1:11434/v1" }""")]
    [DataRow("""{ "Upstreams": { "local": { "BaseUrl": "http://127.0.0.1:11434/v1" } } }""")]
    [DataRow("""{ "Upstreams": { "local": { "Enabled": false } } }""")]
    [DataRow("""{ "Upstreams": { "local": { "Headers": "k" } } }""")]
    [DataRow("""{ "Upstreams": { "local": { "AllowCallers": [] } } }""")]
    [DataRow("""{ "Providers": { "OpenAI": { "Enabled": "no" } } }""")]
    [DataRow("""{ "Tokens": "t" }""")]
    [DataRow("""{ "Providers": { "OpenAI": "https://llm.example" } }""")]
    [DataRow("""{ "Providers": { "OpenAI": { "BaseUrl": "https://llm.example" } } }""")]
    [DataRow("""{ "Callers": { "acme": { "Claims": { "Type": "tenant" } } } }""")]
    [DataRow("""{ "Callers": { "acme": { "Claim": "tenant" } } }""")]
    [DataRow("""{ "Callers": { "acme": { "Upstreams": "azure" } } }""")]
    [DataRow("""{ "IdleTimeout": "30" }""")]
    [DataRow("""{ "IdleTimeout": 30 }""")]
    [DataRow("""{ "VerbatimMount": [ "/upstream" ] }""")]
    public void What_stops_the_start_an_editor_marks(string settings)
    {
        Assert.AreNotEqual("", AppErrors(settings));
        Assert.AreNotEqual("", EditorErrors(settings));
    }

    private static JsonNode Section() => JsonNode.Parse(Text)!["properties"]!["Headroom"]!;

    // A setting of a type that is not here has to be thought about.
    private static void AssertShape(string path, Type type, JsonNode schema)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (value == typeof(bool) || value == typeof(int) || value == typeof(string) || value == typeof(TimeSpan))
        {
            Assert.Contains(value == typeof(bool) ? "boolean" : value == typeof(int) ? "integer" : "string", Types(schema), path);
            Assert.AreEqual(value == typeof(TimeSpan), schema["pattern"] is not null, path);
        }
        else if (value.IsGenericType && value.GetGenericTypeDefinition() == typeof(IList<>))
        {
            Assert.Contains("array", Types(schema), path);
            AssertShape(path + ":0", value.GenericTypeArguments[0], schema["items"]!);
        }
        else if (value.IsGenericType && value.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            Assert.Contains("object", Types(schema), path);
            AssertShape(path + ":*", value.GenericTypeArguments[1], schema["patternProperties"]!["."]!);
        }
        else
        {
            Assert.Contains("object", Types(schema), path);
            AssertSettings(path, value, schema);
        }
    }

    private static void AssertSettings(string path, Type options, JsonNode schema)
    {
        Assert.AreEqual("false", schema["additionalProperties"]?.ToJsonString(), path);
        CollectionAssert.AreEquivalent(options.GetProperties().Select(property => property.Name).ToArray(), Names(schema["properties"]!), path);
        var defaults = Activator.CreateInstance(options);
        foreach (var property in options.GetProperties())
        {
            var key = $"{path}:{property.Name}";
            var setting = schema["properties"]![property.Name]!;
            Assert.IsNotNull(setting["description"], key);
            Assert.AreEqual(Default(property.GetValue(defaults)), setting["default"]?.ToJsonString(), key);
            AssertShape(key, property.PropertyType, setting);
        }
    }

    private static string? Default(object? value) => value switch
    {
        bool or int or string => JsonSerializer.Serialize(value),
        TimeSpan time => JsonSerializer.Serialize(time.ToString("c", CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static string[] Types(JsonNode schema) => schema["type"] is JsonArray several
        ? [.. several.Select(type => type!.GetValue<string>())]
        : [schema["type"]!.GetValue<string>()];

    private static string[] Names(JsonNode properties) => [.. properties.AsObject().Select(property => property.Key)];

    private static string AppErrors(string settings)
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{ "Headroom": {{settings}} }"""));
        return string.Join(Environment.NewLine, ConfigurationSchema.Check(new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Headroom")));
    }

    private static string EditorErrors(string settings)
    {
        var schema = JsonSchema.FromJsonAsync(Text).GetAwaiter().GetResult();
        return string.Join(Environment.NewLine, schema.Validate($$"""{ "Headroom": {{settings}} }"""));
    }
}
