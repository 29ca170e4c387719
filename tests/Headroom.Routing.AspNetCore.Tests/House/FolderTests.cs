namespace Headroom.Routing.AspNetCore.Tests.House;

/// <summary>
/// The arrows between folders run one way, so that each can be read without the ones above it. A folder is a namespace, except that public types
/// are in their package's root namespace.
/// </summary>
[TestClass]
public sealed class FolderTests
{
    [TestMethod]
    [DataRow("Headroom.Routing")]
    [DataRow("Headroom.Routing.AspNetCore")]
    [DataRow("Headroom.Routing.Testing")]
    public void Folders_do_not_use_each_other_in_a_circle(string project)
    {
        var graph = FolderGraph.Of(project);

        Assert.IsNotEmpty(graph.Folders);
        Assert.AreEqual("", string.Join(" -> ", graph.FindCircle()));
    }

    [TestMethod]
    [DataRow("Headroom.Routing", "Handlers", "Resolution")]
    [DataRow("Headroom.Routing", "Resolution", "Policy")]
    [DataRow("Headroom.Routing", "Connections", "Policy")]
    [DataRow("Headroom.Routing.AspNetCore", "", "Forwarding")]
    [DataRow("Headroom.Routing.AspNetCore", "Explaining", "Forwarding")]
    [DataRow("Headroom.Routing.AspNetCore", "Forwarding", "Routing")]
    [DataRow("Headroom.Routing.AspNetCore", "Routing", "Configuration")]
    public void The_graph_sees_who_uses_whom(string project, string from, string to) =>
        Assert.IsTrue(FolderGraph.Of(project).Uses.ContainsKey((from, to)));
}
