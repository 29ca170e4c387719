using System.Net;

namespace Headroom.Routing.Tests.Connections;

[TestClass]
public sealed class BlockedAddressExceptionTests
{
    [TestMethod]
    public void Is_found_at_any_depth()
    {
        var blocked = new BlockedAddressException("llm.example.com", IPAddress.Loopback);

        Assert.IsTrue(BlockedAddressException.TryFind(blocked, out var itself));
        Assert.AreSame(blocked, itself);
        Assert.IsTrue(BlockedAddressException.TryFind(new HttpRequestException("a", new IOException("b", blocked)), out var inner));
        Assert.AreSame(blocked, inner);
        Assert.IsTrue(BlockedAddressException.TryFind(new AggregateException(new IOException("a"), new IOException("b", blocked)), out var gathered));
        Assert.AreSame(blocked, gathered);
    }

    [TestMethod]
    public void Is_not_found_where_there_is_none()
    {
        Assert.IsFalse(BlockedAddressException.TryFind(null, out _));
        Assert.IsFalse(BlockedAddressException.TryFind(new HttpRequestException("a", new IOException("b")), out _));
    }

    [TestMethod]
    public void Has_one_message_for_all_causes() =>
        Assert.AreEqual(
            new BlockedAddressException("a.example.com", IPAddress.Loopback).Message,
            new BlockedAddressException("localhost").Message);
}
