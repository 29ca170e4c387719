using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>What <c>deploy/kubernetes</c> says of the sample app, beside the app.</summary>
[TestClass]
public sealed partial class KubernetesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "kubernetes");

    private static readonly string[] Files =
        [.. Directory.EnumerateFiles(Folder, "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml").Order(StringComparer.Ordinal)];

    // A key that the API does not know is an error.
    private static readonly IReadOnlyList<object> Objects =
        [.. Files.SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true))];

    private static V1PodTemplateSpec Template => The<V1Deployment>().Spec.Template;

    private static V1Container Container => Template.Spec.Containers.Single();

    [TestMethod]
    public void Every_file_is_applied()
    {
        var resources = Resource().Matches(File.ReadAllText(Path.Combine(Folder, "kustomization.yaml"))).Select(match => match.Groups[1].Value);

        CollectionAssert.AreEquivalent(Files.Select(Path.GetFileName).ToArray(), resources.ToArray());
    }

    [TestMethod]
    public async Task With_these_settings_and_a_token_the_app_starts_and_passes_the_probes()
    {
        var settings = The<V1ConfigMap>().Data.Select(pair => (Key: pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)).ToArray();
        using var known = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "HostApp", "appsettings.json")), new() { CommentHandling = JsonCommentHandling.Skip });
        foreach (var (key, _) in settings)
        {
            // Unknown keys in the section of the proxy stop the start.
            Assert.IsTrue(key.StartsWith("Headroom:", StringComparison.Ordinal) || known.RootElement.TryGetProperty(key, out _), key);
        }

        await using var app = Program.Build(
            ["--environment=Production", "--http_ports=0", "--Headroom:Tokens:0=let-me-in", .. settings.Select(setting => $"--{setting.Key}={setting.Value}"), "--ShutdownDelay=00:00:00"],
            builder => builder.Logging.ClearProviders());
        await app.StartAsync();

        var port = new Uri(app.Urls.Single()).Port;
        foreach (var (probe, path) in new[] { (Container.LivenessProbe, "/healthz"), (Container.ReadinessProbe, "/readyz") })
        {
            Assert.AreEqual(path, probe.HttpGet.Path);
            Assert.AreEqual(Container.Ports.Single().Name, probe.HttpGet.Port.Value);
            await using var kubelet = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{port}"));
            await kubelet.SendAsync($"GET {path} HTTP/1.1\r\n{string.Concat(probe.HttpGet.HttpHeaders.Select(header => $"{header.Name}: {header.Value}\r\n"))}\r\n");
            Assert.AreEqual(200, (await kubelet.ReadResponseAsync()).Status);
        }
    }

    [TestMethod]
    public void A_pod_has_the_time_to_drain()
    {
        var times = The<V1ConfigMap>().Data.Where(pair => pair.Key.StartsWith("Shutdown", StringComparison.Ordinal)).Select(pair => $"--{pair.Key}={pair.Value}").ToArray();
        using var app = (IDisposable)Program.Build([.. times, "--environment=Production"]);
        var host = ((WebApplication)app).Services.GetRequiredService<IOptions<HostOptions>>().Value;

        Assert.HasCount(2, times);
        Assert.IsGreaterThan(host.ShutdownTimeout.TotalSeconds, (double)Template.Spec.TerminationGracePeriodSeconds!);
        Assert.IsNull(Container.Lifecycle);
    }

    [TestMethod]
    public void Image_port_and_names_fit_together()
    {
        var project = File.ReadAllText(Path.Combine(Repository.Root, "samples", "HostApp", "HostApp.csproj"));
        Assert.Contains($"<ContainerRepository>{Container.Image}</ContainerRepository>", project);
        Assert.Contains($"""<ContainerPort Include="{Container.Ports.Single().ContainerPort}" """, project);
        Assert.AreEqual(Container.Ports.Single().Name, The<V1Service>().Spec.Ports.Single().TargetPort.Value);
        Assert.AreEqual(Container.Ports.Single().Name, The<V1NetworkPolicy>().Spec.Ingress.Single().Ports.Single().Port.Value);

        var name = The<V1Deployment>().Metadata.Name;
        Assert.AreEqual(name, The<V2HorizontalPodAutoscaler>().Spec.ScaleTargetRef.Name);
        Assert.AreEqual(The<V1ConfigMap>().Metadata.Name, Container.EnvFrom.Select(from => from.ConfigMapRef?.Name).OfType<string>().Single());
        Assert.Contains($"kubectl create secret generic {Container.EnvFrom.Select(from => from.SecretRef?.Name).OfType<string>().Single()} ", File.ReadAllText(Path.Combine(Folder, "kustomization.yaml")));

        foreach (var selector in new[]
        {
            The<V1Deployment>().Spec.Selector.MatchLabels, The<V1Service>().Spec.Selector, The<V1PodDisruptionBudget>().Spec.Selector.MatchLabels,
            The<V1NetworkPolicy>().Spec.PodSelector.MatchLabels, Template.Spec.TopologySpreadConstraints.Single().LabelSelector.MatchLabels,
        })
        {
            CollectionAssert.AreEquivalent(Template.Metadata.Labels.ToArray(), selector.ToArray());
        }
    }

    [TestMethod]
    public void There_are_two_at_least_and_one_at_most_goes_at_a_time()
    {
        Assert.IsNull(The<V1Deployment>().Spec.Replicas);
        Assert.IsGreaterThanOrEqualTo(2, The<V2HorizontalPodAutoscaler>().Spec.MinReplicas!.Value);
        Assert.AreEqual("1", The<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
        Assert.AreEqual("0", The<V1Deployment>().Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
    }

    [TestMethod]
    public void The_gateway_may_do_nothing_on_its_node()
    {
        Assert.IsTrue(Template.Spec.SecurityContext.RunAsNonRoot);
        Assert.AreEqual("RuntimeDefault", Template.Spec.SecurityContext.SeccompProfile.Type);
        Assert.IsFalse(Template.Spec.AutomountServiceAccountToken);
        Assert.IsFalse(Container.SecurityContext.AllowPrivilegeEscalation);
        Assert.IsTrue(Container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.AreEqual("ALL", Container.SecurityContext.Capabilities.Drop.Single());
        Assert.AreEqual("cpu memory", string.Join(' ', Container.Resources.Limits.Keys.Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void It_may_connect_to_public_addresses_and_to_name_servers_alone()
    {
        var rules = The<V1NetworkPolicy>().Spec.Egress;
        CollectionAssert.AreEqual(new[] { "53 UDP, 53 TCP", "443 " }, rules.Select(rule => string.Join(", ", rule.Ports.Select(port => $"{port.Port.Value} {port.Protocol}"))).ToArray());
        Assert.IsTrue(rules[0].To.All(peer => peer.NamespaceSelector is not null && peer.PodSelector is not null && peer.IpBlock is null));

        var blocks = rules[1].To.Select(peer => (Open: IPNetwork.Parse(peer.IpBlock.Cidr), Closed: peer.IpBlock.Except.Select(range => IPNetwork.Parse(range)).ToArray())).ToArray();
        var random = new Random(7);
        var addresses = blocks.SelectMany(block => block.Closed).SelectMany(Edges)
            .Concat(Enumerable.Range(0, 5000).Select(_ => Any(random, 4)))
            .Concat(Enumerable.Range(0, 5000).Select(_ => Any(random, 16)));
        foreach (var address in addresses)
        {
            var isOpen = blocks.Any(block => block.Open.Contains(address) && !block.Closed.Any(closed => closed.Contains(address)));
            Assert.AreEqual(AddressRules.IsPublic(address), isOpen, address.ToString());
        }
    }

    private static T The<T>() => Objects.OfType<T>().Single();

    // The first and the last address of a range, and their neighbors.
    private static IEnumerable<IPAddress> Edges(IPNetwork network)
    {
        var first = network.BaseAddress.GetAddressBytes();
        var last = first.Select((octet, i) => (byte)(octet | (0xff >> Math.Clamp(network.PrefixLength - (i * 8), 0, 8)))).ToArray();
        return new[] { first, last, Step(first, -1), Step(last, 1) }.Select(octets => new IPAddress(octets));

        static byte[] Step(byte[] octets, int by)
        {
            var stepped = octets.ToArray();
            for (var i = stepped.Length - 1; i >= 0; i--)
            {
                stepped[i] = (byte)(stepped[i] + by);
                if (stepped[i] != (by > 0 ? 0 : 0xff))
                {
                    break;
                }
            }

            return stepped;
        }
    }

    private static IPAddress Any(Random random, int length)
    {
        var octets = new byte[length];
        random.NextBytes(octets);
        return new IPAddress(octets);
    }

    [GeneratedRegex(@"^  - (\S+\.yaml)$", RegexOptions.Multiline)]
    private static partial Regex Resource();
}
