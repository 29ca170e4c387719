using System.Net;

namespace Headroom.Routing.Connections;

/// <summary>An address of a destination, and what its rule says of it.</summary>
/// <param name="Address">The address.</param>
/// <param name="IsAllowed">Whether it may be connected to.</param>
internal readonly record struct JudgedAddress(IPAddress Address, bool IsAllowed);
